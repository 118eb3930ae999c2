// Runs what bench/ holds, one after the other, over the packaged program. Arguments choose: `npm run bench -- start-up`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { buildPackage } from './package.mjs';
import { root, run, step } from './workspace.mjs';

buildPackage();
const chosen = process.argv.slice(2);
for (const file of readdirSync(join(root, 'bench')).filter((name) => name.endsWith('.bench.mjs'))) {
  if (chosen.length === 0 || chosen.some((name) => file.startsWith(name))) {
    step(file);
    run(process.execPath, [join(root, 'bench', file)]);
  }
}
