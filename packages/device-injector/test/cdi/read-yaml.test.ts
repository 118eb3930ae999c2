import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';

import { readYaml } from '../../src/cdi/yaml/read-yaml.js';

test('an alias is the last anchor of its name before it', () => {
  expect(readYaml('a: &a 1\nb: *a\nc: &a {x: 2}\nd: [*a, *a]\n')).toEqual({
    a: 1,
    b: 1,
    c: { x: 2 },
    d: [{ x: 2 }, { x: 2 }],
  });
});

test('a merge brings in maps, lists of maps, and what they merge in turn', () => {
  const text = 'a: &a {x: 1}\nb: &b {<<: *a, v: 2}\nc: {<<: [*b, {z: 3}], w: 4}\n';
  expect(readYaml(text)).toEqual(parse(text, { merge: true }));
});

test.each([
  ['a member that is there already', 'a: {x: 1, <<: {x: 2}}'],
  ['a member that comes later', 'a: {<<: {x: 2}, x: 1}'],
])('a merge does not replace: %s', (_, text) => {
  expect(() => readYaml(text)).toThrow('key "x" already set in map');
});

test('an alias that was not defined yet is unknown', () => {
  expect(() => readYaml('a: *b\nb: &b 1\n')).toThrow("unknown anchor 'b' referenced");
});

test.each([
  ['aGVsbG8=', 'hello'],
  ['"aGVs\\nbG8="', 'hello'],
  ['|\n  aGVs\n  bG8=\n', 'hello'],
  ['/w==', '\ufffd'],
  ['4pyT', '\u2713'],
  ['""', ''],
])('binary text is decoded as go-yaml does: %s', (text, wanted) => {
  expect(readYaml(`a: !!binary ${text}`)).toEqual({ a: wanted });
});

test.each(['aGVsbG8', 'aGVsbG8=x', 'a b=', '====', 'aGVsbG8-', '\u2713'])(
  'and is a fault where it is none: %s',
  (text) => {
    expect(() => readYaml(`x: 1\na: !!binary "${text}"`)).toThrow(
      '!!binary value contains invalid base64 data',
    );
  },
);

test.each(['set', 'omap', 'pairs', 'timestamp', 'merge', 'x'])(
  'other tags leave a value as it is: %s',
  (tag) => {
    expect(readYaml(`a: !!${tag} 2001-12-14\nb: !!${tag} {c: 1}\nd: !!${tag} [{c: 1}]`)).toEqual({
      a: '2001-12-14',
      b: { c: 1 },
      d: [{ c: 1 }],
    });
  },
);

test('whatever the text: a tree or a fault', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&',
      '*',
      '"',
      '#',
      '|',
      '!',
      '?',
      '<<',
      '1',
      '%',
      '@',
    ),
  });
  fc.assert(
    fc.property(text, (given) => {
      try {
        readYaml(given);
      } catch (error) {
        expect(error).toMatchObject({
          message: expect.stringMatching(/^error converting YAML to JSON: /),
          path: [],
        });
      }
    }),
    { numRuns: 2000 },
  );
});

test('a text that would take long is not read to its end', () => {
  expect(() => readYaml('k: v\n'.repeat(40_000))).toThrow('yaml: it has more than 200000 tokens');
});
