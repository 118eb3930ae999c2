import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { plainScans, SpecDocument, useScans } from '../src/index.js';
import { bytesOf } from './document-text.js';
import { jsonText } from './json-text-arbitrary.js';

// Where scans are quick, a document is read by other ways than where they are not. Both are held to say the same.

beforeAll(() => useScans({ ...plainScans, areQuick: true }));
afterAll(() => useScans(plainScans));

/** Members whose names are those of fields, some of them twice or in another spelling. */
const members = (value: fc.Arbitrary<string>) =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          ...['mounts', 'Mounts', 'root', 'r\\u006fot', 'annotations', 'source', 'Source', 'linux', 'é', 'x'],
        ),
        value,
      ),
      { maxLength: 4 },
    )
    .map((pairs) => `{${pairs.map(([name, inner]) => `"${name}":${inner}`).join(', ')}}`);

const { spec } = fc.letrec<{ spec: string }>((tie) => ({
  spec: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('1', '"a"', 'null', '"\\ud800"'),
    fc.array(tie('spec'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    members(tie('spec')),
  ),
}));
const text = fc.oneof(jsonText, members(spec));

const places = [
  '',
  '/root',
  '/mounts',
  '/mounts/0',
  '/mounts/0/source',
  '/annotations',
  '/linux/x',
  '/mounts/-1',
];

function outcomeOf<T>(work: () => T): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

/** All that a document says, as a text. */
function said(bytes: Uint8Array): string {
  const document = SpecDocument.parse(bytes);
  return JSON.stringify({
    values: places.map((place) => [document.value(place)].filter((value) => value !== undefined)),
    excerpts: [places.slice(4, 7), ['/root', '/mounts/0'], ['/linux/x', '/linux', '/annotations/x'], []].map(
      (some) => document.excerpt(some),
    ),
    sources: places.map((place) => document.source(place)),
    readings: [['mounts'], ['Root'], ['annotations', 'x'], ['mounts', '0', 'source']].map((path) =>
      document.readings(path),
    ),
    findings: [undefined, [], ['/mounts'], ['/annotations', '/root'], ['/linux/x']].map((scope) =>
      document.structureFindings(scope),
    ),
    patched: [
      { op: 'add' as const, path: '/root', value: 1 },
      { op: 'remove' as const, path: '/mounts/1' },
      { op: 'add' as const, path: '/annotations/y', value: 'z' },
      { op: 'replace' as const, path: '/Mounts', value: [] },
    ].map((operation) => outcomeOf(() => new TextDecoder().decode(document.apply([operation]).bytes))),
    spec: document.spec,
  });
}

function saidPlainly(bytes: Uint8Array): string {
  useScans(plainScans);
  try {
    return said(bytes);
  } finally {
    useScans({ ...plainScans, areQuick: true });
  }
}

test('a document says the same, however it is scanned', () => {
  fc.assert(
    fc.property(text, (json) => {
      expect(said(bytesOf(json))).toBe(saidPlainly(bytesOf(json)));
    }),
    { numRuns: 2000 },
  );
});

test('bytes that are no UTF-8 are found', () => {
  const bytes = Uint8Array.from([...bytesOf('{"a":"'), 0xff, ...bytesOf('"}')]);
  expect(said(bytes)).toBe(saidPlainly(bytes));
});

test.each(['', '{', '{"a":1,}', '\ufeff{}'])('%j is refused in the same words', (json) => {
  const messageOf = () => {
    try {
      return SpecDocument.parse(bytesOf(json));
    } catch (error) {
      return (error as Error).message;
    }
  };
  const quick = messageOf();
  useScans(plainScans);
  expect(quick).toBe(messageOf());
  useScans({ ...plainScans, areQuick: true });
});
