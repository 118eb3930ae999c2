// Sets everything up and runs all tests: the unit tests on this Node.js and on the packaged one, the black-box tests in a
// root of each Debian release. Arguments go to Jest: `npm test -- --selectProjects spec`.
// `--in RELEASE` runs the black-box tests in the root of that one release, and nothing else; what moves (sid, which
// `npm run test:current` names) is fetched anew.
import { join } from 'node:path';

import { bundledNode } from './bundled-node.mjs';
import { recordResult } from './compatibility-table.mjs';
import { canHaveDebianRoot, debianRoot, packagesOf, RELEASES, TESTED_RELEASES } from './debian-root.mjs';
import { closingLine, MACHINE_PROJECTS, ROOT_PROJECTS, runJest } from './jest-run.mjs';
import { machineChanges, machineState } from './machine-state.mjs';
import { buildPackage } from './package.mjs';
import { build, step } from './workspace.mjs';

/** As many are told: the first ones say which test it was. */
const MOST_CHANGES = 30;

const { release: only, args } = readArguments(process.argv.slice(2));
const releases = only === undefined ? TESTED_RELEASES : [only];

buildPackage();
build('//#build:ts');
const packagedNode = join(bundledNode(), 'bin/node');
const roots = canHaveDebianRoot()
  ? releases.map((release) => [
      release,
      debianRoot(release, { anew: !TESTED_RELEASES.includes(release) && args.length === 0 }),
    ])
  : [];

const before = machineState();
const results = [];
if (only === undefined) {
  results.push(
    runJest({ title: `on Node.js ${process.version}`, projects: MACHINE_PROJECTS, args }),
    runJest({ title: 'units on the packaged Node.js', node: packagedNode, args }),
  );
}
for (const [release, debian] of roots) {
  const title = `the packaged program in Debian ${release}`;
  const result = runJest({ title, projects: ROOT_PROJECTS, node: packagedNode, debianRoot: debian, args });
  results.push(result);
  if (args.length === 0) {
    recordResult(release, packagesOf(debian), result);
  }
}
if (roots.length === 0) {
  const title = 'the packaged program, with what this machine has';
  results.push(runJest({ title, projects: ROOT_PROJECTS, args }));
}
results.push(machineIsAsItWas(before));

const summary = results.map(({ title, passed, failed, skipped }) => ({ title, passed, failed, skipped }));
step('results');
for (const { title, ...counts } of summary) {
  console.log(`${title}: ${closingLine([counts])}`);
}
console.log(closingLine(results));
process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;

function readArguments(words) {
  const at = words.indexOf('--in');
  if (at === -1) {
    return { args: words };
  }
  const release = words[at + 1];
  if (!RELEASES.includes(release)) {
    console.error(`--in ${release}: which one of ${RELEASES.join(', ')}?`);
    process.exit(2);
  }
  if (!canHaveDebianRoot()) {
    console.error('--in needs root, apt-get and dpkg-deb');
    process.exit(2);
  }
  return { release, args: words.toSpliced(at, 2) };
}

/** The last test of a run. */
function machineIsAsItWas(state) {
  const title = 'the machine is as it was';
  const changes = machineChanges(state, machineState());
  for (const change of changes.slice(0, MOST_CHANGES)) {
    console.error(change);
  }
  if (changes.length > MOST_CHANGES) {
    console.error(`and ${changes.length - MOST_CHANGES} more`);
  }
  const failed = changes.length === 0 ? 0 : 1;
  return { title, passed: 1 - failed, failed, skipped: 0, suites: [] };
}
