import { spawnSync } from 'node:child_process';

import { beforeAll, expect, test } from '@jest/globals';

import { launcherParts } from './native-programs.js';

let program: string;
beforeAll(() => {
  program = launcherParts();
}, 120_000);

const RUNS = 40_000;

/** The sanitizers end the program where it reads or writes beyond what it has. `npm run fuzz` puts millions. */
test.each([1, 2, 3])(
  'inputs of the seed %i leave the launcher within its memory',
  (seed) => {
    const { status, stdout, stderr } = spawnSync(program, ['fuzz', String(seed), String(RUNS)], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // Each kind of input had its share.
    const counts = [...stdout.matchAll(/ ([a-z.]+) (\d+)(?=,|\n)/g)].map(([, name, count]) => [
      name,
      Number(count),
    ]);
    expect(counts.map(([name]) => name)).toEqual([
      ...['arguments', 'flag', 'config.json', 'table', 'log', 'text', 'environment', 'path'],
    ]);
    for (const [name, count] of counts) {
      expect({ name, enough: Number(count) > RUNS / 16 }).toEqual({ name, enough: true });
    }
  },
  60_000,
);

test('the same seed makes the same inputs, another one others', () => {
  const outputs = [7, 7, 8].map(
    (seed) => spawnSync(program, ['fuzz', String(seed), '500'], { encoding: 'utf8' }).stdout,
  );
  expect(outputs[0]).toBe(outputs[1]);
  expect(outputs[2]?.replace('seed 8', 'seed 7')).not.toBe(outputs[0]);
});
