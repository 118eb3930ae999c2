// Runs what bench/ holds over the packaged program: all, or what the arguments name (`npm run bench -- start-up`).
// With --write the figures go into docs/performance.md and docs/performance.svg.
import { join } from 'node:path';

import { inNamespacesOfItsOwn } from './jest-run.mjs';
import { buildPackage } from './package.mjs';
import { build, root, run } from './workspace.mjs';

buildPackage();
build('build:native');
const command = [process.execPath, join(root, 'bench/run.mjs'), ...process.argv.slice(2)];
// Before what else the machine does; the volumes, and what the wrapper keeps in /run, in a namespace of our own.
const asRoot = ['nice', '-n', '-20', ...inNamespacesOfItsOwn(command)];
const [program, ...args] = process.getuid() === 0 ? asRoot : command;
run(program, args);
