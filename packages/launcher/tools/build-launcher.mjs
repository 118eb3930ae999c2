// Builds dist/programs/: the two launchers, the signal guard that one of them preloads into Node, the runtime that tests
// and the demonstration use, a launcher that never takes the fast path, which tests hold against the one that does, and
// the program that puts tests into a process state.
// Needs a C++ compiler only; CXX names another one than g++.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const launcher = join(root, 'native');
const fastPathFolder = join(launcher, 'fast-path');
const recording = join(root, 'recording-runtime');
const native = join(root, '..', 'exec-native', 'native');
const forTests = join(root, 'test', 'native');
const out = join(root, 'dist', 'programs');

const warnings = ['-Wall', '-Wextra', '-Werror'];
const small = ['-Os', '-ffunction-sections', '-fdata-sections', '-fstack-protector-strong'];
const stripped = ['-s', '-Wl,--gc-sections'];
const plainCxx = [
  '-std=c++17',
  '-fno-exceptions',
  '-fno-rtti',
  '-D_GNU_SOURCE',
  `-I${native}`,
  `-I${launcher}`,
  `-I${fastPathFolder}`,
];
// -no-pie: nothing is relocated at the start of a program that runs for less than a millisecond.
const fixed = ['-static', '-no-pie', '-fno-pie'];
// No libraries: the guard uses two functions of whatever libc Node brings along, without a version.
const preloaded = ['-shared', '-fPIC', '-nostdlib', '-fvisibility=hidden', '-Wl,-z,relro,-z,now'];

// What runs before libc has set itself up (fast-start.cc): nothing that the compiler turns into a call of libc's, and no
// canary, which would be read from thread-local storage.
const beforeLibc = [
  '-O2',
  '-fno-pie',
  '-fno-stack-protector',
  '-fno-tree-loop-distribute-patterns',
  '-fno-builtin',
];
const fastPath = [
  'bytes',
  'candidate',
  'container-creator',
  'fast-path',
  'fast-path-table',
  'fast-start',
  'flag-syntax',
  'library-path',
  'log-record',
  'parse-invocation',
  'possible-readings',
  'real-path',
  'resolve-runtime',
  'trigger-scan',
  'utf8',
  'verb-flags',
].map((name) => join(fastPathFolder, `${name}.cc`));
const fastPathObject = join(out, 'fast-path.o');
const startNode = [
  join(launcher, 'self-marker.cc'),
  join(launcher, 'start-node.cc'),
  join(native, 'capture.cc'),
];
const recordedNode = [
  join(launcher, 'recorded-node.cc'),
  join(native, 'make-room.cc'),
  join(native, 'write-record.cc'),
];
const withoutNode = ['refusal.cc', 'without-node.cc'].map((name) => join(launcher, name));

const wrapper = [
  ...plainCxx,
  ...fixed,
  ...stripped,
  join(launcher, 'oci-runtime-wrapper.cc'),
  ...startNode,
  fastPathObject,
  ...recordedNode,
  ...withoutNode,
  '-pthread',
];
const start = '-Wl,-e,ociwrap_start';

// In this order: what is built first is linked into what comes later.
const programs = {
  'fast-path.o': [...plainCxx, ...beforeLibc, '-r', '-nostdlib', ...fastPath],
  // Never started. That it can be linked shows that nothing of the fast path needs libc.
  'fast-path-alone': ['-static', '-nostdlib', start, '-Wl,--defsym=_start=0', fastPathObject],
  'oci-runtime-wrapper': [start, ...wrapper],
  'node-only-wrapper': wrapper,
  ociwrap: [
    ...plainCxx,
    ...fixed,
    ...stripped,
    join(launcher, 'ociwrap.cc'),
    join(fastPathFolder, 'library-path.cc'),
    join(fastPathFolder, 'bytes.cc'),
    join(fastPathFolder, 'utf8.cc'),
    ...startNode,
    ...recordedNode,
    '-pthread',
  ],
  'signal-guard.so': [
    ...plainCxx,
    ...preloaded,
    ...stripped,
    '-fno-stack-protector',
    join(launcher, 'signal-guard.cc'),
  ],
  'recording-runtime': [
    ...fixed,
    ...stripped,
    '-D_GNU_SOURCE',
    '-x',
    'c',
    '-std=c11',
    join(recording, 'recording-runtime.c'),
  ],
  'start-in-state': ['-static', '-D_GNU_SOURCE', '-x', 'c', '-std=c11', join(forTests, 'start-in-state.c')],
};

const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const inputs = [launcher, fastPathFolder, join(launcher, 'generated'), recording, native, forTests].flatMap(
  (folder) => readdirSync(folder).map((name) => join(folder, name)),
);
const newest = Math.max(...[fileURLToPath(import.meta.url), ...inputs].map(changed));

const compiler = process.env['CXX'] || 'g++';
mkdirSync(out, { recursive: true });
for (const [name, args] of Object.entries(programs)) {
  const output = join(out, name);
  if (changed(output) > newest && !process.argv.includes('--force')) continue;
  const fresh = `${output}.${process.pid}`;
  const { status, error } = spawnSync(compiler, [...small, ...warnings, '-o', fresh, ...args], {
    stdio: 'inherit',
  });
  if (error) console.error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
  if (status !== 0) process.exit(1);
  renameSync(fresh, output); // a running program cannot be written to
  console.log(`built ${output}`);
}
