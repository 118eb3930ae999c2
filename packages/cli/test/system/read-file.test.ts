import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { nodeSystem } from '../../src/system/node-system.js';
import { readFile } from '../../src/system/read-file.js';
import type { System } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const machine = nodeSystem();

/** A machine whose file systems say this size of every file. */
function saying(size: bigint): System {
  return { ...machine, fstat: (fd) => ({ ...machine.fstat(fd), size }) as never };
}

test.each([
  ['its own', undefined],
  ['0, as those of /proc', 0n],
  ['one byte', 1n],
  ['as much as there is memory for', 1n << 24n],
  ['more than an array can have', 1n << 53n],
  ['-1', (1n << 64n) - 1n],
])('a file is read to its end, whatever size is said: %s', (_name, size) => {
  for (const length of [0, 1, 65_536, 200_000]) {
    const file = join(folder, `of-${length}`);
    const bytes = new Uint8Array(length).fill(7);
    writeFileSync(file, bytes);
    const read = readFile(size === undefined ? machine : saying(size), file);
    expect(Buffer.from(read as Uint8Array).equals(bytes)).toBe(true);
  }
});
