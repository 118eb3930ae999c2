import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, test } from '@jest/globals';

const INPUTS = 6000;

let program: string;
beforeAll(() => {
  const tool = join(dirname(fileURLToPath(import.meta.url)), '../../tools/build-port-fuzzer.mjs');
  program = execFileSync(process.execPath, [tool], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}, 300_000);

/** The sanitizers end the program where the host reads or writes outside of what is its own and the engine's. */
test.each([1, 2, 3])(
  'whatever an engine and a kernel say, the host stays within its memory (seed %i)',
  (seed) => {
    const { status, stdout, stderr } = spawnSync(program, [String(seed), String(INPUTS)], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${INPUTS} inputs\n`, stderr: '' });
  },
  120_000,
);
