import { expect, test } from '@jest/globals';
import type { JsonPatch } from '@opencontainers-ts/runtime-spec';

import { loggedPatch, MOST_LOGGED } from '../../src/call/logged-patch.js';

test.each<[string, JsonPatch, string]>([
  ['nothing', [], '[]'],
  [
    'what was changed',
    [
      { op: 'replace', path: '/root/path', value: '/run/ociwrap/root' },
      { op: 'remove', path: '/mounts/3' },
      { op: 'move', from: '/a', path: '/b' },
    ],
    '[{"op":"replace","path":"/root/path","value":"/run/ociwrap/root"},{"op":"remove","path":"/mounts/3"},{"op":"move","from":"/a","path":"/b"}]',
  ],
  [
    'a number of any size',
    [{ op: 'add', path: '/x', value: 2n ** 64n }],
    '[{"op":"add","path":"/x","value":"18446744073709551616"}]',
  ],
  [
    'true, false and null',
    [{ op: 'add', path: '/x', value: [true, null] }],
    '[{"op":"add","path":"/x","value":[true,null]}]',
  ],
  [
    'the name of a variable',
    [{ op: 'add', path: '/process/env/-', value: 'TOKEN=s=1' }],
    '[{"op":"add","path":"/process/env/-","value":"TOKEN=..."}]',
  ],
  [
    'nothing of what has no name',
    [{ op: 'add', path: '/process/env/0', value: 'secret' }],
    '[{"op":"add","path":"/process/env/0","value":"..."}]',
  ],
  [
    'a whole environment',
    [{ op: 'replace', path: '/process/env', value: ['A=1', 'B=2'] }],
    '[{"op":"replace","path":"/process/env","value":["A=...","B=..."]}]',
  ],
  [
    'a whole process',
    [{ op: 'replace', path: '/process', value: { cwd: '/', args: ['sh', '-c'], env: ['A=1'] } }],
    '[{"op":"replace","path":"/process","value":{"cwd":"/","args":["...","..."],"env":["A=..."]}}]',
  ],
  [
    'an argument',
    [{ op: 'replace', path: '/process/args/0', value: 'secret' }],
    '[{"op":"replace","path":"/process/args/0","value":"..."}]',
  ],
  [
    'a hook',
    [{ op: 'add', path: '/hooks/poststop/0', value: { path: '/h', args: ['h', 'x'], env: ['A=1'] } }],
    '[{"op":"add","path":"/hooks/poststop/0","value":{"path":"/h","args":["h","x"],"env":["A=..."]}}]',
  ],
])('tells %s', (_, patch, text) => {
  expect(loggedPatch(patch)).toBe(text);
});

const operation = (value: string) => ({ op: 'add', path: '/hostname', value }) as const;

test('a long text is cut', () => {
  expect(loggedPatch([operation('x'.repeat(513))])).toContain(`${'x'.repeat(512)}... and 1 more characters"`);
  expect(loggedPatch([operation('x'.repeat(512))])).toContain(`"${'x'.repeat(512)}"`);
});

test.each([1, 7, 8, 9, 100])(
  '%i operations: those for which there is room, whole, and how many there are besides',
  (count) => {
    const text = loggedPatch(Array.from({ length: count }, () => operation('x'.repeat(512))));
    const [, operations = '', , left = '0'] =
      /^(\[.*\])(\.\.\. and (\d+) more operations?)?$/.exec(text) ?? [];
    const shown = JSON.parse(operations) as unknown[];
    expect(shown.length + Number(left)).toBe(count);
    expect(shown).toHaveLength(Math.min(count, 7));
    expect(operations.length).toBeLessThanOrEqual(MOST_LOGGED + 1);
  },
);
