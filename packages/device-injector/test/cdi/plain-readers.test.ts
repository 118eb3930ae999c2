import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';

import { readPlainJson } from '../../src/cdi/read-json.js';
import type { Tree } from '../../src/cdi/tree.js';
import { readPlainYaml } from '../../src/cdi/yaml/read-plain-yaml.js';
import { readYaml } from '../../src/cdi/yaml/read-yaml.js';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

/** What the library reads, or the error of text that it refuses. */
function byLibrary(text: string): Tree | Error {
  try {
    return readYaml(text);
  } catch (error) {
    return error as Error;
  }
}

// Parts that specs are made of, and parts that YAML takes for something else.
const WORDS = [
  'a',
  'yes',
  '0',
  '0o17',
  '1.5',
  '-1',
  '--folder',
  '- a',
  '-',
  '~',
  'null',
  'a: b',
  'a:b',
  'a #b',
  'a#b',
  '::',
  '@x',
  '*a',
  '&a',
  '!a',
  '|',
  '>',
  "it's",
  '"',
  '[]',
  '{}',
  '2001-01-01',
  '<<',
  '/dev/null',
  'NAME=value',
  'a,b',
  '',
  ' ',
  'é',
];
const word = fc.constantFrom(...WORDS);

describe('plain YAML', () => {
  test('a spec that nvidia-ctk made is read without the library', () => {
    const text = fixture('cdi_sample_management.yaml');
    expect(readPlainYaml(text)).toEqual(readYaml(text));
  });

  test.each([
    ['a: 1\nb:\n- c: x\n  d:\n  - v\n  - w\ne:\n', { a: 1, b: [{ c: 'x', d: ['v', 'w'] }], e: null }],
    ['---\na:\n  - b: {}\n    c: []\n  - "d: e"\n', { a: [{ b: {}, c: [] }, 'd: e'] }],
    ['a:\nb: c\n', { a: null, b: 'c' }],
    ["# c\na: 'b #c'\n\n  # d\nb: --folder\n", { a: 'b #c', b: '--folder' }],
  ])('%j', (text, tree) => {
    expect(readPlainYaml(text)).toEqual(tree);
    expect(readYaml(text)).toEqual(tree);
  });

  test.each([
    ['nothing', ''],
    ['a comment behind a value', 'a: b # c'],
    ['a value that goes on', 'a: b\n  c'],
    ['a member twice', 'a: 1\na: 2'],
    ['an anchor', 'a: &a b'],
    ['an alias', 'a: *a'],
    ['a tag', 'a: !!str 1'],
    ['a block scalar', 'a: |\n  b'],
    ['a tab', 'a:\tb'],
    ['two spaces', 'a:  b'],
    ['a list in a list', 'a:\n- - b'],
    ['a flow map', 'a: {b: c}'],
    ['an escape', 'a: "\\n"'],
    ['another document', 'a: b\n---\na: c'],
    ['a line that stands wrong', 'a:\n    b: c\n  d: e'],
    ['a member that is no text', 'yes: a'],
    ['a merge', '<<: a'],
    ['a list at the top', '- a'],
    ['a scalar at the top', 'a'],
    ['a letter beyond ASCII', 'a: é'],
  ])('left to the library: %s', (_, text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  test('what it reads, the library reads alike: lines of all kinds', () => {
    const line = fc
      .tuple(
        fc.constantFrom('', '  ', '    '),
        fc.constantFrom('', '- '),
        fc.constantFrom('', 'a:', 'b: ', 'c: '),
        word,
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const text = lines.join('\n');
        const plain = readPlainYaml(text);
        if (plain !== undefined) expect(byLibrary(text)).toEqual(plain);
      }),
      { numRuns: 5000 },
    );
  });

  test('what it reads, the library reads alike: what a generator writes', () => {
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        word,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'cdi.k8s.io/x', 'hostPath'), tie('tree'), {
          noNullPrototype: true,
        }),
      ),
    }));
    let plain = 0;
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree, { minKeys: 1, noNullPrototype: true }),
        fc.boolean(),
        (value, compact) => {
          const text = stringify(value, { indentSeq: !compact, version: '1.1' });
          const read = readPlainYaml(text);
          if (read === undefined) return;
          plain += 1;
          expect(byLibrary(text)).toEqual(read);
        },
      ),
      { numRuns: 1000 },
    );
    expect(plain).toBeGreaterThan(50);
  });
});

describe('plain JSON', () => {
  test('what it reads, the library reads alike, unless a member is there twice', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = readPlainJson(text);
        if (plain !== undefined) expect(byLibrary(text)).toEqual(plain.tree);
      }),
    );
  });

  test.each([
    ['{"a":1,"b":{"a":"\\"c\\": 1"}}', 3],
    ['{"a":1,"a" : 2}', 2],
    ['["a", "b:"]', 0],
  ])('%s has %i members', (text, members) => {
    expect(readPlainJson(text)?.members).toBe(members);
  });

  test.each(['1.0', '1e3', '9007199254740993', '{', 'a: b', ''])('%s is left to the library', (text) => {
    expect(readPlainJson(text)).toBeUndefined();
  });

  test('a text as long as a spec may be', () => {
    const text = JSON.stringify({ a: '\n'.repeat(2_000_000) });
    expect(readPlainJson(text)?.members).toBe(1);
  });
});
