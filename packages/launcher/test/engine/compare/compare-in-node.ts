import { writeSync } from 'node:fs';

import { comparison } from './compare-program.js';

const print = (text: string): void => {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};

void comparison(process.argv.slice(2), print).then((status) => {
  process.exitCode = status;
});
