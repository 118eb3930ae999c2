import { describe, expect, test } from '@jest/globals';
import type { JsonPatch, Operation } from '../src/index.js';
import { documentOf, errorOf, textOf } from './document-text.js';

const lines = (...parts: string[]): string => parts.join('\n');

describe('apply lays out what it adds as the neighbours are', () => {
  const cases: [name: string, text: string, patch: JsonPatch, expected: string][] = [
    ['a member, compact', '{"a":1}', [{ op: 'add', path: '/b', value: 2 }], '{"a":1,"b":2}'],
    [
      'a member, spaced',
      '{ "a": 1, "b": 2 }',
      [{ op: 'add', path: '/c', value: 3 }],
      '{ "a": 1, "b": 2, "c": 3 }',
    ],
    [
      'a member after one with a space behind its colon',
      '{"a": 1}',
      [
        { op: 'add', path: '/b', value: 2 },
        { op: 'add', path: '/c', value: 3 },
      ],
      '{"a": 1, "b": 2, "c": 3}',
    ],
    [
      'a member, as Python writes',
      '{"a": 1, "b": 2}',
      [{ op: 'add', path: '/c', value: [3] }],
      '{"a": 1, "b": 2, "c": [3]}',
    ],
    [
      'a member, indented',
      lines('{', '\t"a": 1', '}', ''),
      [{ op: 'add', path: '/b', value: 2 }],
      lines('{', '\t"a": 1,', '\t"b": 2', '}', ''),
    ],
    [
      'a member with CRLF',
      '{\r\n  "a" : 1\r\n}',
      [{ op: 'add', path: '/b', value: 2 }],
      '{\r\n  "a" : 1,\r\n  "b" : 2\r\n}',
    ],
    [
      'a member where commas lead',
      '{ "a": 1\n, "b": 2\n}',
      [{ op: 'add', path: '/c', value: 3 }],
      '{ "a": 1\n, "b": 2, "c": 3\n}',
    ],
    [
      'two members',
      '{\n "a": 1\n}',
      [
        { op: 'add', path: '/b', value: 2 },
        { op: 'add', path: '/c', value: 3 },
      ],
      '{\n "a": 1,\n "b": 2,\n "c": 3\n}',
    ],
    ['a member to an empty object', '{"a": {}}', [{ op: 'add', path: '/a/b', value: 1 }], '{"a": {"b":1}}'],
    [
      'a member to an empty object with white space',
      '{ \n}',
      [{ op: 'add', path: '/b', value: 1 }],
      '{"b":1 \n}',
    ],
    [
      'a member to what was added before',
      '{}',
      [
        { op: 'add', path: '/a', value: {} },
        { op: 'add', path: '/a/b', value: 'c' },
      ],
      '{"a":{"b":"c"}}',
    ],
    [
      'a member that is there: only its value changes',
      '{"\\u0061" :\t1 }',
      [{ op: 'add', path: '/a', value: 2 }],
      '{"\\u0061" :\t2 }',
    ],
    ['an element at the end', '{"l":[1, 2]}', [{ op: 'add', path: '/l/-', value: 3 }], '{"l":[1, 2, 3]}'],
    [
      'an element by the length',
      '{"l":[\n  1\n]}',
      [{ op: 'add', path: '/l/1', value: 2 }],
      '{"l":[\n  1,\n  2\n]}',
    ],
    ['an element in front', '{"l":[1, 2]}', [{ op: 'add', path: '/l/0', value: 0 }], '{"l":[0, 1, 2]}'],
    [
      'an element in front of one',
      '{"l":[\n 1\n]}',
      [{ op: 'add', path: '/l/0', value: 0 }],
      '{"l":[\n 0,\n 1\n]}',
    ],
    ['an element in the middle', '{"l":[1, 2]}', [{ op: 'add', path: '/l/1', value: 0 }], '{"l":[1, 0, 2]}'],
    ['an element to an empty array', '{"l":[]}', [{ op: 'add', path: '/l/-', value: {} }], '{"l":[{}]}'],
    [
      'a value in place',
      '{ "a" : 1.0 }',
      [{ op: 'replace', path: '/a', value: { b: [true, null, 'x'] } }],
      '{ "a" : {"b":[true,null,"x"]} }',
    ],
    [
      'the whole document, white space around it kept',
      ' {"a":1}\n',
      [{ op: 'replace', path: '', value: {} }],
      ' {}\n',
    ],
    [
      'a big integer',
      '{"a":0}',
      [{ op: 'replace', path: '/a', value: 18446744073709551615n }],
      '{"a":18446744073709551615}',
    ],
    ['a negative zero', '{"a":0}', [{ op: 'replace', path: '/a', value: -0 }], '{"a":-0}'],
    [
      'a text with everything',
      '{"a":0}',
      [{ op: 'replace', path: '/a', value: '"\\\n\u0000é\ud800' }],
      '{"a":"\\"\\\\\\n\\u0000é\\ud800"}',
    ],
    ['a name with everything', '{}', [{ op: 'add', path: '/x~1"y', value: 0 }], '{"x/\\"y":0}'],
    ['no first member', '{ "a": 1,  "b": 2 }', [{ op: 'remove', path: '/a' }], '{ "b": 2 }'],
    ['no middle member', '{"a":1, "b":2,\n"c":3}', [{ op: 'remove', path: '/b' }], '{"a":1,\n"c":3}'],
    ['no last member', '{\n  "a": 1,\n  "b": 2\n}', [{ op: 'remove', path: '/b' }], '{\n  "a": 1\n}'],
    ['no member at all', '{"o":{\n  "a": 1\n}}', [{ op: 'remove', path: '/o/a' }], '{"o":{}}'],
    ['no first element', '[1, 2, 3]', [{ op: 'remove', path: '/0' }], '[2, 3]'],
    ['no last element', '[1, 2, 3]', [{ op: 'remove', path: '/2' }], '[1, 2]'],
    [
      'a removal and an addition',
      '[ 1, 2 ]',
      [
        { op: 'remove', path: '/1' },
        { op: 'remove', path: '/0' },
        { op: 'add', path: '/0', value: 3 },
      ],
      '[3]',
    ],
    [
      'a copy, byte for byte',
      '{"a":{"x" : 1e2}}',
      [{ op: 'copy', from: '/a', path: '/b' }],
      '{"a":{"x" : 1e2},"b":{"x" : 1e2}}',
    ],
    [
      'a copy that changes apart from its source',
      '{"a":[1 ]}',
      [
        { op: 'add', path: '/a/-', value: 2 },
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'remove', path: '/b/0' },
      ],
      '{"a":[1,2 ],"b":[2 ]}',
    ],
    [
      'a moved value, byte for byte',
      '{"a":{"x" : 18446744073709551615}, "b":0}',
      [{ op: 'move', from: '/a/x', path: '/c' }],
      '{"a":{}, "b":0, "c":18446744073709551615}',
    ],
    [
      'a moved element',
      '["a", "\\u0062", "c"]',
      [{ op: 'move', from: '/1', path: '/0' }],
      '["\\u0062", "a", "c"]',
    ],
    [
      'a value beneath a moved one',
      '{"a":{"b":1}}',
      [
        { op: 'add', path: '/a/c', value: 2 },
        { op: 'move', from: '/a', path: '/z' },
        { op: 'remove', path: '/z/b' },
      ],
      '{"z":{"c":2}}',
    ],
  ];
  test.each(cases)('%s', (_name, text, patch, expected) => {
    const document = documentOf(text);
    expect(textOf(document.apply(patch))).toBe(expected);
    expect(textOf(document)).toBe(text);
  });
});

describe('a patch that changes nothing returns the document itself', () => {
  test.each<[string, JsonPatch]>([
    ['no operation', []],
    ['tests', [{ op: 'test', path: '/a', value: 1 }]],
    ['a move to the same place', [{ op: 'move', from: '/a', path: '/a' }]],
  ])('%s', (_name, patch) => {
    const document = documentOf(' {"a" : 1.0}\n');
    expect(document.apply(patch)).toBe(document);
  });
});

describe('test compares by value', () => {
  const text =
    '{"n":18446744073709551615,"f":1.50,"e":1e2,"z":-0,"t":"\\u0061","o":{"x":1,"y":[null,true]},"d":{"x":1,"x":1}}';
  test.each<[string, Operation & { op: 'test' }, boolean]>([
    ['a big integer', { op: 'test', path: '/n', value: 18446744073709551615n }, true],
    ['a big integer that is one off', { op: 'test', path: '/n', value: 18446744073709551614n }, false],
    ['a fraction', { op: 'test', path: '/f', value: 1.5 }, true],
    ['an exponent', { op: 'test', path: '/e', value: 100n }, true],
    ['another exponent', { op: 'test', path: '/e', value: 10 }, false],
    ['the other sign', { op: 'test', path: '/e', value: -100 }, false],
    ['zeros', { op: 'test', path: '/z', value: 0 }, true],
    ['an escaped text', { op: 'test', path: '/t', value: 'a' }, true],
    ['a number against a text', { op: 'test', path: '/t', value: 0 }, false],
    ['a text against a number', { op: 'test', path: '/e', value: '1e2' }, false],
    ['an object', { op: 'test', path: '/o', value: { y: [null, true], x: 1 } }, true],
    ['an object with a member less', { op: 'test', path: '/o', value: { x: 1 } }, false],
    [
      'an object with a member more',
      { op: 'test', path: '/o', value: { x: 1, y: [null, true], z: 1 } },
      false,
    ],
    ['an object with another value', { op: 'test', path: '/o', value: { x: 2, y: [null, true] } }, false],
    ['an array against an object', { op: 'test', path: '/o', value: [] }, false],
    ['an object against an array', { op: 'test', path: '/o/y', value: {} }, false],
    ['a shorter array', { op: 'test', path: '/o/y', value: [null] }, false],
    ['another literal', { op: 'test', path: '/o/y/0', value: false }, false],
    ['an object that holds a name twice', { op: 'test', path: '/d', value: { x: 1 } }, false],
    ['an object that holds as many names', { op: 'test', path: '/d', value: { x: 1, y: 1 } }, false],
  ])('%s', (_name, operation, isEqual) => {
    const document = documentOf(text);
    if (isEqual) {
      expect(document.apply([operation])).toBe(document);
    } else {
      expect(errorOf(() => document.apply([operation]))).toMatchObject({ code: 'ERR_PATCH_TEST' });
    }
  });
});

describe('apply refuses', () => {
  const text =
    '{"root":{"path":"a","Readonly":true},"mounts":[{"type":1,"type":2}],"a":1,"a":2,"annotations":{"x":"1","X":"2","y":"3","y":"4"},"Process":{"args":[]}}';
  test.each<[string, Operation, string]>([
    ['a member that occurs twice', { op: 'remove', path: '/a' }, 'ERR_PATCH_AMBIGUOUS'],
    [
      'a map entry that occurs twice',
      { op: 'replace', path: '/annotations/y', value: '' },
      'ERR_PATCH_AMBIGUOUS',
    ],
    [
      'a member beside another spelling',
      { op: 'add', path: '/root/readonly', value: true },
      'ERR_PATCH_AMBIGUOUS',
    ],
    ['the other spelling', { op: 'remove', path: '/root/Readonly' }, 'ERR_PATCH_AMBIGUOUS'],
    ['a new member in another spelling', { op: 'add', path: '/Linux', value: {} }, 'ERR_PATCH_AMBIGUOUS'],
    [
      'a place beneath another spelling',
      { op: 'add', path: '/Process/args/-', value: 'x' },
      'ERR_PATCH_AMBIGUOUS',
    ],
    [
      'a place that another spelling hides',
      { op: 'test', path: '/process/args', value: [] },
      'ERR_PATCH_AMBIGUOUS',
    ],
    ['a source that occurs twice', { op: 'copy', from: '/mounts/0/type', path: '/b' }, 'ERR_PATCH_AMBIGUOUS'],
    [
      'a move to a member that occurs twice',
      { op: 'move', from: '/root', path: '/a' },
      'ERR_PATCH_AMBIGUOUS',
    ],
    ['a member that is missing', { op: 'remove', path: '/root/missing' }, 'ERR_PATCH_MISSING'],
    ['a member of a scalar', { op: 'add', path: '/root/path/x', value: 1 }, 'ERR_PATCH_MISSING'],
    ['an element that is missing', { op: 'replace', path: '/mounts/1', value: {} }, 'ERR_PATCH_MISSING'],
    ['an element beyond the end', { op: 'add', path: '/mounts/2', value: {} }, 'ERR_PATCH_MISSING'],
    ['an index that is none', { op: 'add', path: '/mounts/-1', value: {} }, 'ERR_PATCH_MISSING'],
    ['a rounded integer', { op: 'add', path: '/b', value: 2 ** 64 }, 'ERR_PATCH_VALUE'],
  ])('%s', (_name, operation, code) => {
    const error = errorOf(() =>
      documentOf(text).apply([{ op: 'test', path: '/annotations/x', value: '1' }, operation]),
    );
    expect(error).toMatchObject({ code, details: { index: 1, op: operation.op, pointer: operation.path } });
  });

  test('nothing where map entries differ by case only', () => {
    const patched = documentOf(text).apply([{ op: 'replace', path: '/annotations/X', value: '9' }]);
    expect(textOf(patched)).toBe(text.replace('"X":"2"', '"X":"9"'));
  });

  test('nothing where only the subtree that goes away is ambiguous', () => {
    const patched = documentOf(text).apply([{ op: 'remove', path: '/mounts/0' }]);
    expect(textOf(patched)).toBe(text.replace('{"type":1,"type":2}', ''));
  });
});
