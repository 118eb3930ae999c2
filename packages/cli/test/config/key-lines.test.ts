import { expect, test } from '@jest/globals';

import { lineOfKey } from '../../src/config/lint/key-lines.js';

const TEXT = `profile = "sgs"
log.level = "info"

[runtime.paths]
runc = "/r"
"with space" = 1

[[rule]]
name = "a"
then.env.set = { A = "1", B = "2" }

[[rule]]
name = "b"
[rule.then.mounts]
add = [
  { destination = "/a" },
  { destination = "/b", options = [
    "ro",
    "x",
  ] },
]
`;

test.each<[(string | number)[], number | undefined]>([
  [['profile'], 1],
  [['log', 'level'], 2],
  [['log'], 2],
  [['runtime'], 4],
  [['runtime', 'paths'], 4],
  [['runtime', 'paths', 'runc'], 5],
  [['runtime', 'paths', 'with space'], 6],
  [['rule', 0], 8],
  [['rule', 0, 'then', 'env', 'set', 'B'], 10],
  [['rule', 1], 12],
  [['rule', 1, 'then', 'mounts', 'add', 1, 'options', 1], 19],
  // Not written: the nearest above.
  [['rule', 1, 'when'], 12],
  [['rule', 1, 'then', 'mounts', 'add', 0, 'type'], 16],
  [['nothing'], undefined],
])('%j stands in line %s', (path, line) => {
  expect(lineOfKey(TEXT, path)).toBe(line);
});

test('a mark of the byte order is passed over', () => {
  expect(lineOfKey(`\uFEFF${TEXT}`, ['profile'])).toBe(1);
});

test('what the parser for lines does not take has none', () => {
  expect(lineOfKey('profile = 1979-02-30', ['profile'])).toBeUndefined();
  expect(lineOfKey('profile = [', ['profile'])).toBeUndefined();
});
