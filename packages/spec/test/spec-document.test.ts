import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SpecDocument } from '../src/index.js';
import { bytesOf, documentOf, errorOf } from './document-text.js';
import { jsonText } from './json-text-arbitrary.js';

describe('parse', () => {
  test.each([
    ['nothing', '', 1, 1],
    ['white space only', ' \n', 2, 1],
    ['a byte order mark', '\ufeff{}', 1, 1],
    ['a missing value', '{\n  "é": }', 2, 8],
    ['a trailing comma in an object', '{"a":1,}', 1, 8],
    ['a trailing comma in an array', '[1,]', 1, 4],
    ['a missing colon', '{"a" 1}', 1, 6],
    ['a missing comma', '{"a":1 "b":2}', 1, 8],
    ['a name without quotes', '{a:1}', 1, 2],
    ['a bracket of the other kind', '{"a":[1}', 1, 8],
    ['an open object', '{"a":1', 1, 7],
    ['an open string', '["a', 1, 4],
    ['two documents', '{} {}', 1, 4],
    ['a comment', '{} // x', 1, 4],
    ['a leading zero', '[01]', 1, 2],
    ['a lone fraction', '[.5]', 1, 2],
    ['a plus sign', '[+1]', 1, 2],
    ['a number that ends in a point', '[1.]', 1, 2],
    ['NaN', '[NaN]', 1, 2],
    ['a literal in capitals', '[True]', 1, 2],
    ['a line end in a string', '["a\nb"]', 1, 4],
    ['an escape that is none', '["\\x"]', 1, 3],
    ['a short escape', '["\\u12"]', 1, 3],
    ['single quotes', "{'a':1}", 1, 2],
    ['a space that is none of JSON', '[\u00a01]', 1, 2],
  ])('refuses %s, and says where', (_name, text, line, column) => {
    const name = 'a\n.json';
    const error = errorOf(() => SpecDocument.parse(new TextEncoder().encode(text), name));
    expect(error).toMatchObject({ code: 'ERR_SPEC_SYNTAX', details: { name, line, column } });
    expect((error as Error).message).toMatch(
      `"a\\u000a.json" is not valid JSON at line ${line}, column ${column}: `,
    );
  });

  test('finds the fault in whatever JSON.parse refuses', () => {
    const broken = fc.tuple(
      jsonText,
      fc.nat(),
      fc.constantFrom('', ',', '"', '\\', '}', '{', ']', ':', '0', '-', 'x', '\n'),
    );
    fc.assert(
      fc.property(broken, ([text, position, junk]) => {
        const at = position % (text.length + 1);
        const damaged = text.slice(0, at) + junk + text.slice(at + 1);
        const isJson = (() => {
          try {
            JSON.parse(damaged);
            return true;
          } catch {
            return false;
          }
        })();
        if (isJson) {
          expect(JSON.stringify(documentOf(damaged).spec)).toBe(JSON.stringify(JSON.parse(damaged)));
        } else {
          // A reason that says "cannot be decoded" would mean that no fault was found.
          expect(errorOf(() => documentOf(damaged))).toMatchObject({
            code: 'ERR_SPEC_SYNTAX',
            message: expect.not.stringContaining('decoded'),
          });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['null', '[]', '7', '"text"'])('takes %s, which is JSON and no configuration', (text) => {
    expect(documentOf(text).source('')).toBe(text);
  });

  test('takes bytes in a string that are not UTF-8', () => {
    expect(documentOf(bytesOf('{"hostname":"', [0xff], '"}')).spec.hostname).toBe('\ufffd');
  });
});

describe('source and position', () => {
  const text =
    '\n{ "ociVersion" : "1.2.0",\n\t"process": {"rlimits": [ {"hard": 18446744073709551615} ],"é": 1.0},\n "p\\u0061th": [1e2, -0]}\n';
  test.each([
    ['', text.trim(), 2, 1],
    ['/ociVersion', '"1.2.0"', 2, 18],
    ['/process/rlimits/0', '{"hard": 18446744073709551615}', 3, 27],
    ['/process/rlimits/0/hard', '18446744073709551615', 3, 36],
    ['/process/é', '1.0', 3, 65],
    ['/path/0', '1e2', 4, 16],
    ['/path/1', '-0', 4, 21],
  ])('%j', (pointer, source, line, column) => {
    expect(documentOf(text).source(pointer)).toBe(source);
    expect(documentOf(text).position(pointer)).toStrictEqual({ line, column });
  });

  test.each([
    '/missing',
    '/ociVersion/0',
    '/path/2',
    '/path/-',
    '/path/00',
    '/process/rlimits/0/hard/x',
    '/constructor',
  ])('nothing is at %j', (pointer) => {
    expect(documentOf(text).source(pointer)).toBeUndefined();
    expect(documentOf(text).position(pointer)).toBeUndefined();
  });

  test('of members with one name the last counts, as in the typed view', () => {
    const document = documentOf('{"root":{"path":"a"},"root":{"path":"b"}}');
    expect(document.source('/root/path')).toBe('"b"');
    expect(document.spec.root?.path).toBe('b');
  });

  test('a malformed pointer is an error', () => {
    expect(errorOf(() => documentOf('{}').source('root'))).toMatchObject({ code: 'ERR_POINTER_SYNTAX' });
  });

  test('every value that JSON.parse sees has its token', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const document = documentOf(text);
        const visit = (value: unknown, path: string[]): void => {
          const pointer = path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
          expect(JSON.stringify(JSON.parse(document.source(pointer) ?? 'nothing'))).toBe(
            JSON.stringify(value),
          );
          for (const [name, inner] of Object.entries(typeof value === 'object' ? (value ?? {}) : {})) {
            visit(inner, [...path, name]);
          }
        };
        visit(JSON.parse(text), []);
      }),
    );
  });
});

describe('readings', () => {
  const annotation = ['annotations', 'a/b'];
  const rootPath = ['root', 'path'];
  const cases: [name: string, text: string, path: string[], expected: string[]][] = [
    ['one value', '{"annotations":{"a/b":"x"}}', annotation, ['"x"']],
    ['no value', '{"annotations":{"a":"x"}}', annotation, []],
    ['a scalar on the way', '{"annotations":"a/b"}', annotation, []],
    ['an escaped name', '{"\\u0061nnotations":{"a\\/b":"x"}}', annotation, ['"x"']],
    ['both of two members', '{"annotations":{"a/b":"x","a/b":"y"}}', annotation, ['"x"', '"y"']],
    [
      'members of both objects',
      '{"annotations":{"a/b":"x"},"annotations":{"a/b":"y"}}',
      annotation,
      ['"x"', '"y"'],
    ],
    [
      'an object that one runtime merges',
      '{"annotations":{"a/b":"x"},"annotations":null}',
      annotation,
      ['"x"'],
    ],
    ['another case in a typed object', '{"Annotations":{"a/b":"x"},"ROOT":{}}', annotation, ['"x"']],
    ['a long s and a kelvin sign', '{"annotation\u017f":{"a/b":"x"}}', annotation, ['"x"']],
    ['exact names in a map', '{"annotations":{"A/b":"x"}}', annotation, []],
    ['another case two levels down', '{"root":{"Path":"x"},"Root":{"path":"y"}}', rootPath, ['"x"', '"y"']],
    ['exact names beneath an unknown member', '{"x":{"Path":1,"path":2}}', ['x', 'path'], ['2']],
    ['exact unknown names in a typed object', '{"x":1,"X":2}', ['x'], ['1']],
    ['a name that ends in a NUL for crun', '{"root\\u0000x":{"path\\u0000":"y"}}', rootPath, ['"y"']],
    [
      'a lone surrogate, which Go replaces',
      '{"annotations":{"\\ud800":"x","\ufffd":"y"}}',
      ['annotations', '\ufffd'],
      ['"x"', '"y"'],
    ],
    ['an element of a typed array', '{"mounts":[{},{"SOURCE":"x"}]}', ['mounts', '1', 'source'], ['"x"']],
    ['no element', '{"mounts":[]}', ['mounts', '0'], []],
    ['the whole document', ' {} ', [], ['{}']],
    ['no members of Object.prototype', '{}', ['constructor'], []],
  ];
  test.each(cases)('%s', (_name, text, path, expected) => {
    expect(documentOf(text).readings(path)).toStrictEqual(expected);
  });
});

test('100,000 nested brackets are no trouble', () => {
  const depth = 100_000;
  const document = documentOf(`{"mounts":${'['.repeat(depth)}${']'.repeat(depth)},"root":{"path":"a"}}`);
  expect(document.readings(['root', 'path'])).toStrictEqual(['"a"']);
  expect(document.structureFindings()).toStrictEqual([]);
  const patched = document.apply([
    { op: 'copy', from: '/mounts', path: '/annotations' },
    { op: 'remove', path: '/mounts/0/0' },
  ]);
  expect(patched.bytes.length).toBe(
    document.bytes.length + 2 * depth + ',"annotations":'.length - 2 * (depth - 2),
  );
});

describe('detached', () => {
  const text = '{"mounts":[{"options":["ro"]},null],"root":{"path":"/a"}}';

  test.each<[string, (spec: object) => unknown]>([
    ['itself', (spec) => spec],
    ['a list', (spec) => Reflect.get(spec, 'mounts')],
    ['an element', (spec) => Reflect.get(spec, 'mounts')[0]],
    ['a list in it', (spec) => Reflect.get(spec, 'mounts')[0].options],
    ['an object', (spec) => Reflect.get(spec, 'root')],
  ])('its spec is frozen: %s', (_title, part) => {
    const document = documentOf(text);
    expect(Object.isFrozen(part(document.detached().spec))).toBe(true);
    expect(Object.isFrozen(part(document.spec))).toBe(false);
    expect(document.detached().spec).toEqual(document.spec);
  });

  test('its bytes are its own, also where they are those of a Buffer', () => {
    for (const bytes of [new TextEncoder().encode(text), Buffer.from(text)]) {
      const document = SpecDocument.parse(bytes);
      document.detached().bytes.fill(0x20);
      expect(Buffer.from(document.bytes).toString()).toBe(text);
      expect(document.detached().bytes).toEqual(new Uint8Array(bytes));
    }
  });

  test('it has the findings of the document', () => {
    const latin = SpecDocument.parse(Buffer.from('{"a":"\xff","a":1}', 'latin1'));
    expect(latin.structureFindings()).toHaveLength(2);
    expect(latin.detached().structureFindings()).toEqual(latin.structureFindings());
  });

  test('however deep it nests, and however long its lists are', () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)},"b":[${'{},'.repeat(200_000)}{}]}`;
    expect(Object.isFrozen(Reflect.get(documentOf(deep).detached().spec, 'b')[200_000])).toBe(true);
  });
});
