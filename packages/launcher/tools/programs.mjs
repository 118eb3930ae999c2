// How the programs of dist/programs/ are compiled and linked.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const folder = dirname(dirname(fileURLToPath(import.meta.url)));
export const native = join(folder, 'native');
export const out = join(folder, 'dist/programs');

const fastPathFolder = join(native, 'fast-path');

export const fastPathSources = readdirSync(fastPathFolder)
  .filter((name) => name.endsWith('.cc'))
  .map((name) => join(fastPathFolder, name));

export const plainCxx = [
  ...['-std=c++17', '-fno-exceptions', '-fno-rtti', '-D_GNU_SOURCE'],
  ...['-Wall', '-Wextra', '-Werror'],
  ...['', 'fast-path', 'engine', 'port'].map((room) => `-I${join(native, room)}`),
];

/**
 * For a program that has no libc: nothing that the compiler turns into a call of libc's, no canary, which would be read from
 * thread-local storage. And not position-independent: nothing is relocated at the start of a program that runs for less
 * than a millisecond.
 */
export const withoutLibc = [
  ...['-O2', '-ffunction-sections', '-fdata-sections'],
  ...[
    '-fno-stack-protector',
    '-fno-tree-loop-distribute-patterns',
    '-fno-builtin',
    '-fno-threadsafe-statics',
  ],
  ...['-fno-asynchronous-unwind-tables', '-fno-pie', '-no-pie'],
  ...['-static', '-nostdlib', '-s', '-Wl,--gc-sections', '-Wl,--build-id=none'],
];

const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether a program is newer than the C++ of this package, this tool, and what else is given. */
export function isUpToDate(name, more = []) {
  const folders = [native, dirname(fileURLToPath(import.meta.url)), ...more];
  const inputs = folders.flatMap((each) =>
    readdirSync(each, { recursive: true, encoding: 'utf8' }).map((path) => join(each, path)),
  );
  return changed(join(out, name)) > Math.max(...inputs.map(changed));
}

/** Compiles and links a program, by CXX or g++; it appears whole or not at all. */
export function buildProgram(name, args, compiler = process.env['CXX'] || 'g++') {
  mkdirSync(out, { recursive: true });
  const output = join(out, name);
  const fresh = `${output}.${process.pid}`; // a running program cannot be written to
  const { status, error } = spawnSync(compiler, ['-o', fresh, ...args], { stdio: 'inherit' });
  if (error) console.error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
  if (status !== 0) process.exit(1);
  if (args.includes('-nostdlib')) requireNoInitializers(fresh);
  renameSync(fresh, output);
  console.log(`built ${output}`);
}

/** What C++ initializes when a program starts libc's start runs, and a program without libc has none. */
function requireNoInitializers(program) {
  const { stdout, error } = spawnSync('readelf', ['--sections', '--wide', program], { encoding: 'utf8' });
  const found = /\.(?:init_array|ctors|tdata|tbss)\b/.exec(stdout ?? '');
  if (error === undefined && found === null) return;
  console.error(`${program}: ${error?.message ?? `has ${found[0]}, which nothing would initialize`}`);
  process.exit(1);
}
