// Sets everything up and runs all tests: once on this Node.js, and the unit tests once more on the bundled one.
// Arguments go to Jest: `npm test -- --selectProjects spec`.
import { join } from 'node:path';

import { demoPrograms } from './debian-programs.mjs';
import { closingLine, runJest } from './jest-run.mjs';
import { buildPackage } from './package.mjs';
import { build } from './workspace.mjs';

const args = process.argv.slice(2);
const packaged = buildPackage();
build('//#build:ts');
demoPrograms();

const results = [runJest({ args })];
if (args.length === 0) {
  results.push(runJest({ node: join(packaged, 'lib/node'), unitOnly: true }));
}
console.log(closingLine(results));
process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;
