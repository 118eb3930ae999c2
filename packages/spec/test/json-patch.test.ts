import { describe, expect, test } from '@jest/globals';
import { applyPatch, at, type JsonPatch, type JsonValue, type Operation, op } from '../src/index.js';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    const { code, details } = error as { code: string; details: { index: number } };
    return { code, index: details.index };
  }
};

describe('applyPatch', () => {
  // The examples of RFC 6902 appendix A, by section, and what they leave out.
  const cases: [name: string, value: JsonValue, patch: JsonPatch, expected: JsonValue][] = [
    [
      'A.1 adds a member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { foo: 'bar', baz: 'qux' },
    ],
    [
      'A.2 adds an element',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3 removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [
      'A.4 removes an element',
      { foo: ['bar', 'qux', 'baz'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['bar', 'baz'] },
    ],
    [
      'A.5 replaces',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.6 moves a value',
      { foo: { bar: 'baz' }, qux: {} },
      [{ op: 'move', from: '/foo/bar', path: '/qux/thud' }],
      { foo: {}, qux: { thud: 'baz' } },
    ],
    [
      'A.7 moves an element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    ['A.8 tests', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'qux' }], { baz: 'qux' }],
    ['A.14 unescapes ~01', { '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '~1': 10 }],
    [
      'A.16 appends an array',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc'] }],
      { foo: ['bar', ['abc']] },
    ],
    [
      'copies',
      { a: [1] },
      [
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'add', path: '/b/-', value: 2 },
      ],
      { a: [1], b: [1, 2] },
    ],
    ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
    [
      'moves a value to where it is',
      { a: 1, b: 2 },
      [{ op: 'move', from: '/a', path: '/a' }],
      { a: 1, b: 2 },
    ],
    [
      'tests without regard to the order of members',
      { a: { x: 1, y: 2 } },
      [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }],
      { a: { x: 1, y: 2 } },
    ],
    ['tests a bigint against a number', { a: 7 }, [{ op: 'test', path: '/a', value: 7n }], { a: 7 }],
  ];
  test.each(cases)('%s', (_name, value, patch, expected) => {
    const before = JSON.stringify(value);
    expect(applyPatch(value, patch)).toStrictEqual(expected);
    expect(JSON.stringify(value)).toBe(before);
  });

  const refusals: [name: string, operation: unknown, code: string][] = [
    ['a member that is not there', { op: 'remove', path: '/x' }, 'ERR_PATCH_MISSING'],
    ['a parent that is not there', { op: 'add', path: '/x/y', value: 1 }, 'ERR_PATCH_MISSING'],
    ['a parent that is a scalar', { op: 'add', path: '/n/y', value: 1 }, 'ERR_PATCH_MISSING'],
    ['an inherited member', { op: 'remove', path: '/constructor' }, 'ERR_PATCH_MISSING'],
    [
      'an inherited member on the way',
      { op: 'add', path: '/__proto__/polluted', value: 1 },
      'ERR_PATCH_MISSING',
    ],
    ['an index beyond the end', { op: 'add', path: '/l/3', value: 1 }, 'ERR_PATCH_MISSING'],
    ['an index with a leading zero', { op: 'replace', path: '/l/00', value: 1 }, 'ERR_PATCH_MISSING'],
    ['the length of an array', { op: 'test', path: '/l/length', value: 2 }, 'ERR_PATCH_MISSING'],
    ['replacing at the end of an array', { op: 'replace', path: '/l/-', value: 1 }, 'ERR_PATCH_MISSING'],
    ['a source that is not there', { op: 'move', from: '/x', path: '/y' }, 'ERR_PATCH_MISSING'],
    ['a test of another value', { op: 'test', path: '/n', value: 2 }, 'ERR_PATCH_TEST'],
    [
      'a test of a rounded integer',
      { op: 'test', path: '/n', value: 18446744073709551615n },
      'ERR_PATCH_TEST',
    ],
    ['a pointer without a slash', { op: 'remove', path: 'n' }, 'ERR_PATCH_POINTER'],
    ['a tilde that escapes nothing', { op: 'remove', path: '/~2' }, 'ERR_PATCH_POINTER'],
    ['a value moved into itself', { op: 'move', from: '/l', path: '/l/0' }, 'ERR_PATCH_POINTER'],
    ['the removal of everything', { op: 'remove', path: '' }, 'ERR_PATCH_OPERATION'],
    ['an unknown operation', { op: 'increment', path: '/n' }, 'ERR_PATCH_OPERATION'],
    ['an operation without a path', { op: 'remove' }, 'ERR_PATCH_OPERATION'],
    ['a move without a source', { op: 'move', path: '/n' }, 'ERR_PATCH_OPERATION'],
    ['no operation at all', null, 'ERR_PATCH_OPERATION'],
    ['an operation without a value', { op: 'add', path: '/m' }, 'ERR_PATCH_VALUE'],
    ['a value that is not finite', { op: 'add', path: '/m', value: [Number.NaN] }, 'ERR_PATCH_VALUE'],
    [
      'an integer that was rounded',
      { op: 'add', path: '/m', value: { hard: 18446744073709552000 } },
      'ERR_PATCH_VALUE',
    ],
    ['an undefined member', { op: 'add', path: '/m', value: { a: undefined } }, 'ERR_PATCH_VALUE'],
  ];
  test.each(refusals)('refuses %s', (_name, operation, code) => {
    const value = { n: 1, l: [1, 2] };
    const patch = [{ op: 'test', path: '/n', value: 1 }, operation as Operation] as const;
    expect(codeOf(() => applyPatch(value, patch))).toStrictEqual({ code, index: 1 });
  });

  test('refuses a value that holds itself', () => {
    const loop: { inner?: JsonValue } = {};
    loop.inner = loop as JsonValue;
    const patch = [{ op: 'add', path: '/m', value: loop as JsonValue }] as const;
    expect(codeOf(() => applyPatch({}, patch))).toStrictEqual({ code: 'ERR_PATCH_VALUE', index: 0 });
  });

  test('keeps a member named __proto__ as data', () => {
    const patched = applyPatch(JSON.parse('{"__proto__":{"a":1}}'), [
      { op: 'add', path: '/__proto__/b', value: 2 },
      { op: 'add', path: '/c', value: JSON.parse('{"__proto__":3}') },
    ]);
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"a":1,"b":2},"c":{"__proto__":3}}');
    expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
  });
});

describe('op', () => {
  test('makes operations, which the compiler checks against the specification', () => {
    expect(op.add(at('annotations', 'a/b'), 'c')).toStrictEqual({
      op: 'add',
      path: '/annotations/a~1b',
      value: 'c',
    });
    expect(op.replace(at('process', 'user', 'uid'), 1)).toStrictEqual({
      op: 'replace',
      path: '/process/user/uid',
      value: 1,
    });
    expect(op.remove('/mounts/3')).toStrictEqual({ op: 'remove', path: '/mounts/3' });
    const limit = { type: 'RLIMIT_MEMLOCK', soft: 1024, hard: 18446744073709551615n } as const;
    expect(op.add(at('process', 'rlimits', '-'), limit)).toStrictEqual({
      op: 'add',
      path: '/process/rlimits/-',
      value: limit,
    });
    // @ts-expect-error: a path is a string
    op.replace(at('root', 'path'), 7);
    // @ts-expect-error: a limit has a type
    op.add(at('process', 'rlimits', '-'), { soft: 1024n, hard: 1024n });
    // @ts-expect-error: the root has no such member
    at('root', 'pth');
    // @ts-expect-error: an array has indices
    at('mounts', 'first');
  });
});
