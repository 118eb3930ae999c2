import { expect, test } from '@jest/globals';

import { checkSpecText } from '../../src/index.js';

const HEAD = 'cdiVersion: 0.6.0\nkind: v/c\n';

test.each<[string, string, object]>([
  ['a member of the top', 'cdiVersion: 9\nkind: v/c\n', { pointer: '/cdiVersion', line: 1, column: 1 }],
  ['a member in another case', 'CDIVersion: 9\nkind: v/c\n', { pointer: '/cdiVersion', line: 1, column: 1 }],
  ['a member that is not there', 'cdiVersion: 0.6.0\ndevices: []\n', { pointer: '/kind' }],
  [
    'an item of a list',
    `${HEAD}devices:\n- name: d\n  containerEdits:\n    env:\n    - A=1\n    - x\n`,
    { pointer: '/devices/0/containerEdits/env/1', line: 8, column: 7 },
  ],
  [
    'a value of the wrong type',
    `${HEAD}annotations: {a: &e [x]}\n`,
    { pointer: '/annotations/a', line: 3, column: 15 },
  ],
  [
    'what has an anchor',
    `${HEAD}containerEdits: {hooks: &h [{hookName: prestart, path: ""}]}\ndevices: []\n`,
    { pointer: '/containerEdits/hooks/0/path', line: 3, column: 50 },
  ],
  ['letters beyond ASCII before it', `${HEAD}annotations: {é😀: {}}\n`, { line: 3, column: 15 }],
  ['YAML that is none', `${HEAD}devices: [\n`, { line: 4 }],
])('%s', (_, text, place) => {
  expect(checkSpecText('v.yaml', new TextEncoder().encode(text))).toMatchObject({
    message: expect.any(String),
    ...place,
  });
});

test('a value that an alias brings in is found where it is written', () => {
  const text = `cdiVersion: 1.1.0
kind: v/c
containerEdits:
  intelRdt: &r
    closID: a
devices:
- name: d
  containerEdits: *r
`;
  expect(checkSpecText('v.yaml', new TextEncoder().encode(text))).toMatchObject({
    message: expect.stringContaining('unknown field "closID"'),
    pointer: '/devices/0/containerEdits/closID',
    line: 5,
    column: 5,
  });
});

test.each<[string, string, object]>([
  [
    'the decoder does not take',
    `{"kind": [${'1,'.repeat(300_000)}1]}`,
    { message: expect.stringContaining('cannot unmarshal array'), pointer: '/kind' },
  ],
  [
    'the CDI library does not take',
    JSON.stringify({ cdiVersion: '9', kind: 'v/c', containerEdits: { env: Array(300_000).fill('A=1') } }),
    { message: expect.stringContaining('invalid version'), pointer: '/cdiVersion' },
  ],
])('the fault of a text that is too long to find its place: what %s', (_, text, fault) => {
  const found = checkSpecText('v.json', new TextEncoder().encode(text));
  expect(found).toMatchObject(fault);
  expect(found).not.toHaveProperty('line');
});
