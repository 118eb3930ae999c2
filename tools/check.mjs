// Types, lint and unit tests: what to run before every commit. Needs no root and nothing from Debian but a compiler.
import { closingLine, runJest } from './jest-run.mjs';
import { build, installWorkspace, run, step } from './workspace.mjs';

installWorkspace();
build('//#build:ts', 'build:native', 'build:launcher');
step('lint');
run('biome', ['check', '--error-on-warnings', '.']);
run('knip', ['--no-progress']);
const result = await runJest({ title: 'unit tests', args: process.argv.slice(2) });
console.log(closingLine([result]));
process.exitCode = result.failed === 0 ? 0 : 1;
