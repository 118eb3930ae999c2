import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { SpecDocument } from '../src/index.js';

const encoder = new TextEncoder();

/** Findings by code and place; `scope` as in structureFindings. */
function found(text: string, scope?: readonly string[]) {
  return SpecDocument.parse(encoder.encode(text))
    .structureFindings(scope)
    .map(({ code, pointer }) => `${code} ${pointer}`);
}

/** The same document in a spelling that JSON.stringify would not choose, so that every token is looked at. */
const spaced = (text: string) => text.replace('{', '{ ');

describe('a plainly written document is judged as one that is spelt out', () => {
  // Names that fold to fields, equal names, names of data, and what an object has from its prototype.
  const name = fc.constantFrom(
    'root',
    'Root',
    'mounts',
    'MOUNTS',
    'path',
    'Path',
    'process',
    'env',
    'annotations',
    'a',
    'A',
    '__proto__',
    'constructor',
    '7',
    'ſource',
    '\\u0061',
    'a\\u0000b',
  );
  const text = fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('1', '1.0', '18446744073709551615', '"x"', '"\\u003c"', '"é"', 'null', 'true'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      tie('object'),
    ),
    object: fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
  })).object;

  test.each([['the whole'], ['/root'], ['/mounts'], ['/process/env'], ['/annotations']])('%s', (pointer) => {
    const scope = pointer.startsWith('/') ? [pointer] : undefined;
    let faulty = 0;
    fc.assert(
      fc.property(text, (written) => {
        const findings = found(written, scope);
        faulty += findings.length > 0 ? 1 : 0;
        expect(findings).toEqual(found(spaced(written), scope));
      }),
      { numRuns: 1000 },
    );
    expect(faulty).toBeGreaterThan(50);
    expect(faulty).toBeLessThan(950);
  });
});

test.each([
  ['{"mounts":[{"destination":"/a","Source":"/b"}]}', ['SPEC_FOLDED_KEY /mounts/0/Source']],
  ['{"mounts":[{"source":"/a","source":"/b"}]}', ['SPEC_DUPLICATE_KEY /mounts/0/source']],
  ['{"mounts":[{"source":"/a","\\u0073ource":"/b"}]}', ['SPEC_DUPLICATE_KEY /mounts/0/source']],
  ['{"annotations":{"a":"1","A":"2"}}', []],
  // crun keeps names as C strings.
  ['{"annotations":{"a":"1","a\\u0000b":"2"}}', ['SPEC_DUPLICATE_KEY /annotations/a\0b']],
  ['{"mounts":[{"source":"/a","options":["ro"]}],"x":{"__proto__":1}}', []],
])('%s', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

test('a document of deep brackets is judged without recursion', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(found(`{"mounts":${deep}}`, ['/mounts'])).toEqual([]);
  expect(found(`{"mounts":${deep.slice(0, 100_000)}{"a":1,"a":2}${deep.slice(100_000)}}`)).toHaveLength(1);
});
