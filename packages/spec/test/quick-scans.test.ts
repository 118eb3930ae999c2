import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  formatPointer,
  type JsonPatch,
  type JsonValue,
  type Operation,
  plainScans,
  SpecDocument,
  useScans,
} from '../src/index.js';
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

/** A document of a few lists and objects, laid out in many ways. */
const laidOut = fc.infiniteStream(fc.constantFrom('', '', ' ', '\n  ')).chain((spaces) => {
  const next = () => spaces.next().value;
  const item = fc.constantFrom('1', '"a"', '{"source":"b"}', '[1, 2,3]', '{"x": 1}', '{}');
  const list = fc
    .array(item, { maxLength: 5 })
    .map((items) => `[${items.map((each) => next() + each + next()).join(',') || next()}]`);
  const object = fc
    .uniqueArray(fc.tuple(fc.constantFrom('x', 'y', 'source', 'path', 'Path'), item), {
      maxLength: 5,
      selector: ([name]) => name,
    })
    .map((all) => `{${all.map(([name, each]) => `${next()}"${name}":${next()}${each}${next()}`).join(',')}}`);
  return fc.tuple(list, object, object).map(([mounts, annotations, root]) => {
    const top = [`"mounts":${mounts}`, `"annotations": ${annotations}`, `"root":${root}`];
    return `{${top.map((member) => next() + member + next()).join(',')}}${next()}`;
  });
});

const patchValue = fc.constantFrom<JsonValue>(
  'a',
  '\ud800',
  1,
  null,
  [1],
  { x: [] },
  { source: 'b', x: 1n },
  { Source: '{' },
);
const key = fc.constantFrom('x', 'y', 'z', 'source', 'Env', '\ud800', 'é');
const index = fc.constantFrom('0', '1', '2', '3', '4');

/** Most of them can be carried out. */
const operation: fc.Arbitrary<Operation> = fc
  .tuple(
    fc.constantFrom('add', 'replace', 'remove', 'test'),
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom('annotations', 'root'), key) },
      { weight: 4, arbitrary: fc.tuple(fc.constant('mounts'), index) },
      { weight: 3, arbitrary: fc.constant(['mounts', '-']) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constant('mounts'), index, fc.constantFrom('x', 'source', '1', '-')),
      },
      { weight: 1, arbitrary: fc.constantFrom(['mounts'], ['root'], ['Root'], ['root', 'Path'], ['x'], []) },
    ),
    patchValue,
    fc.constantFrom(1, 2 ** 60, ...Array.from({ length: 20 }, () => undefined)),
  )
  .map(([chosen, steps, value, number]) => {
    const path = formatPointer(steps);
    const op = path.endsWith('-') ? 'add' : chosen === 'test' && number === undefined ? 'add' : chosen;
    return op === 'remove' ? { op, path } : { op, path, value: number ?? value };
  });

test('a patch is spliced in to the same bytes with the same findings, or refused in the same words, however a document is scanned', () => {
  const outcome = (json: string, patch: JsonPatch) => {
    try {
      const document = SpecDocument.parse(bytesOf(json));
      document.structureFindings();
      const patched = document.apply(patch);
      return new TextDecoder().decode(patched.bytes) + JSON.stringify(patched.structureFindings());
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  };
  const patches = fc.array(operation, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: laidOut }, text), patches, (json, patch) => {
      const quick = outcome(json, patch);
      useScans(plainScans);
      const plain = outcome(json, patch);
      useScans({ ...plainScans, areQuick: true });
      expect(quick).toBe(plain);
    }),
    {
      numRuns: 10_000,
      examples: [
        ['{"annotations": {"x": "1"}}', [{ op: 'add', path: '/annotations/y', value: 'a' }]],
        [
          '{"mounts":[0,1 , 2,3]}',
          [
            { op: 'remove', path: '/mounts/2' },
            { op: 'remove', path: '/mounts/1' },
          ],
        ],
        [
          '{"mounts":[0,1 , 2,3]}',
          [
            { op: 'remove', path: '/mounts/1' },
            { op: 'replace', path: '/mounts/2', value: 9 },
          ],
        ],
        [
          '{"mounts":[1]}',
          [
            { op: 'replace', path: '/mounts', value: [] },
            { op: 'add', path: '/mounts/-', value: 'b' },
          ],
        ],
        [
          '{"linux":{"x":1}}',
          [
            { op: 'add', path: '/linux/y', value: 1 },
            { op: 'replace', path: '/linux/x', value: 'b' },
          ],
        ],
      ],
    },
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
