// Writes cases for fuzz-program: SEED FROM COUNT. With a folder behind them each is a file there, for libFuzzer to begin with.
import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { programCase } from './program-case.js';

const [seed = 1, from = 0, count = 1] = process.argv.slice(2, 5).map(Number);
const folder = process.argv[5];

for (let index = from; index < from + count; index += 1) {
  const bytes = programCase(seed, index);
  if (folder === undefined) {
    write(new Uint8Array(new Uint32Array([bytes.length]).buffer));
    write(bytes);
  } else {
    writeFileSync(join(folder, `first-${index}`), bytes);
  }
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}
