// Sets everything up and runs all tests: the unit tests on this Node.js, those that rest on Node.js itself also on the newest
// one, the black-box tests in a root of each Debian release. Arguments go to Jest: `npm test -- --selectProjects spec`.
// `--in RELEASE` runs the black-box tests in the root of that one release, and nothing else; what moves (sid, which
// `npm run test:current` names) is fetched anew. With OCIWRAP_UNDER_TEST=node they run over the programs on Node.js, which a
// whole run does in the root of one release.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { browserRoot } from './browser-root.mjs';
import { recordResult } from './compatibility-table.mjs';
import { crossCompiler, emulatorOf, ownArchitecture } from './cross-programs.mjs';
import { canHaveDebianRoot, debianRoot, packagesOf, RELEASES, TESTED_RELEASES } from './debian-root.mjs';
import { buildImage, canBuildImage } from './image.mjs';
import { closingLine, MACHINE_PROJECTS, NODE_PROJECTS, ROOT_PROJECTS, runJest } from './jest-run.mjs';
import { machineChanges, machineState } from './machine-state.mjs';
import { buildNodePackage } from './node-package.mjs';
import { buildPackage } from './package.mjs';
import { testNode } from './test-node.mjs';
import { build, step } from './workspace.mjs';

/** As many are told: the first ones say which test it was. */
const MOST_CHANGES = 30;

const { release: only, args } = readArguments(process.argv.slice(2));
const releases = only === undefined ? TESTED_RELEASES : [only];

const isWhole = only === undefined && args.length === 0;
const fetching = isWhole && canHaveDebianRoot() ? fetchRoots() : undefined;

buildPackage();
build('//#build:ts', 'build:native');
if (canBuildForArm64()) build('build:program:arm64');
await fetching;
if (canBuildImage()) buildImage();
if (canHaveDebianRoot() && (args.length === 0 || args.some((word) => word.includes('report')))) browserRoot();
const newestNode = join(testNode(), 'bin/node');
const roots = canHaveDebianRoot()
  ? releases.map((release) => [
      release,
      debianRoot(release, { anew: !TESTED_RELEASES.includes(release) && args.length === 0 }),
    ])
  : [];

/** Where black-box suites run over the programs on Node.js, too; or the only thing that is asked for. */
const RELEASE_OF_BOTH = 'bookworm';
const underTest = process.env.OCIWRAP_UNDER_TEST ?? 'engine';

/**
 * Suites about the program and the kernel alone, for which the runtimes and engines of a second release would show nothing more; and the longest
 * of the others, which ask the runtimes of one. `--in RELEASE` runs all of them in any.
 */
const SUITES_OF_ONE_RELEASE = {
  bookworm: [
    'argv-differential',
    'bare-node',
    'called-as',
    'cdi-injection',
    'cdi-registry',
    'cdi-residue',
    'client-commands',
    'client-container',
    'client-container-callers',
    'client-container-records',
    'client-container-states',
    'client-hooks',
    'client-terminal',
    'configuration',
    'debian-package',
    'declarative-rules',
    'doctor',
    'documents',
    'escaped-text',
    'exact-bytes',
    'fast-path',
    'guardian',
    'handlers',
    'installation',
    'interrupted-write',
    'killed-calls',
    'large-input',
    'linked-config',
    'lint-differential',
    'log',
    'never-ourselves',
    'ociwrap',
    'parsed-configuration',
    'process-end',
    'process-state',
    'refusals',
    'report',
    'resolver-cases',
    'root-kill',
    'root-load',
    'root-namespace',
    'root-one-container',
    'root-race',
    'root-unfit',
    'rule-modes',
    'signal-during-call',
    'unknown-flags',
    'volume-freeze',
    'volume-full',
    'volume-reset',
    'volume-seed',
  ],
  trixie: [
    'arm64',
    'client-container-calls',
    'client-container-load',
    'client-rewriting',
    'client-runc-cases',
    'fast-path-configuration',
    'fast-path-equivalence',
    'installation-kill',
    'rule-modules',
    'save-interrupted',
  ],
};

/** Suites that need a buildah and a kubectl of today: bookworm has none. */
const CLUSTER_SUITES = ['cluster-image', 'cluster-manifests', 'cluster-node', 'cluster-policy'];

const before = machineState();
const results = [];
if (only === undefined) {
  results.push(
    await runJest({ title: `on Node.js ${process.version}`, projects: MACHINE_PROJECTS, args }),
    await runJest({ title: 'units on the newest Node.js', projects: NODE_PROJECTS, node: newestNode, args }),
  );
}
for (const [release, debian] of roots) {
  if (isForBoth(release)) buildNodePackage(newestNode, debian);
}
for (const root of roots) results.push(...(await inRoot(root)));
if (roots.length === 0) {
  const title = 'the packaged program, with what this machine has';
  results.push(await runJest({ title, projects: ROOT_PROJECTS, args }));
}
results.push(machineIsAsItWas(before));

const summary = results.map(({ title, passed, failed, skipped }) => ({ title, passed, failed, skipped }));
step('results');
for (const { title, ...counts } of summary) {
  console.log(`${title}: ${closingLine([counts])}`);
}
console.log(closingLine(results));
process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;

/** What it could not fetch is tried again by whoever needs it, who says what is wrong. */
function fetchRoots() {
  const program = join(import.meta.dirname, 'fetch-roots.mjs');
  return once(spawn(process.execPath, [program], { stdio: 'inherit' }), 'exit');
}

/** One after another: many of the tests' containers, and so control groups, have the same names in each root. */
async function inRoot([release, debian]) {
  const where = { projects: ROOT_PROJECTS, node: newestNode, debianRoot: debian, args };
  const done = [];
  if (underTest === 'engine') {
    const title = `the packaged program in Debian ${release}`;
    const without = [
      ...(isWhole ? suitesOfOthers(release) : []),
      ...(release === 'bookworm' ? CLUSTER_SUITES : []),
    ];
    const result = await runJest({ ...where, title, without });
    done.push(result);
    if (args.length === 0) {
      recordResult(release, packagesOf(debian), result);
    }
  }
  if (isForBoth(release)) {
    const title = `the same programs on Node.js, by suites for both, in Debian ${release}`;
    done.push(await runJest({ ...where, title, underTest: 'node' }));
  }
  return done;
}

/** Whether suites run over the programs on Node.js there. */
function isForBoth(release) {
  return underTest === 'node' || (only === undefined && release === RELEASE_OF_BOTH);
}

function suitesOfOthers(release) {
  return Object.entries(SUITES_OF_ONE_RELEASE).flatMap(([other, suites]) =>
    other === release ? [] : suites,
  );
}

/** Where it cannot be, its tests say what is missing. On arm64 it is the program that all tests run. */
function canBuildForArm64() {
  return (
    ownArchitecture === 'amd64' &&
    crossCompiler('arm64', 'g++') !== undefined &&
    emulatorOf('arm64') !== undefined
  );
}

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
