// The engine as part of a program: the sources of its host side, and a program for tests that has nothing else in it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { compilerFor, ownArchitecture, translateEngine, translationFolder } from './translate-engine.mjs';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(folder, 'native');

const sourcesIn = (...names) =>
  readdirSync(join(native, ...names))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(native, ...names, name));

/** The host side in C++: the engine's memory and stack, its imports, and the host functions. */
export const hostSources = [
  ...sourcesIn('engine'),
  ...sourcesIn('port'),
  ...['bytes', 'real-path', 'utf8'].map((name) => join(native, 'fast-path', `${name}.cc`)),
];

const isClang = (compiler) => /clang/.test(compiler);

/** How the host side is compiled, given the folder with snapshot.bin and snapshot.h: without libc, as the fast path is. */
export function hostFlags(snapshotFolder, compiler) {
  return [
    ...['-std=c++17', '-fno-exceptions', '-fno-rtti', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'],
    ...['-fno-pie', '-fno-builtin', '-fno-stack-protector'],
    ...(isClang(compiler) ? [] : ['-fno-tree-loop-distribute-patterns']), // clang keeps to -fno-builtin
    // Nothing here is deleted through a base or guarded for threads: both would be calls of libstdc++ or libc.
    ...['-fno-threadsafe-statics', '-fno-asynchronous-unwind-tables'],
    ...['engine', 'port', 'fast-path'].map((name) => `-I${join(native, name)}`),
    ...[`-I${native}`, `-I${join(folder, '../exec-native/native')}`, `-I${translationFolder}`],
    ...[`-I${snapshotFolder}`, `-Wa,-I${snapshotFolder}`],
  ];
}

/**
 * Links a program around the engine.
 *
 * @param {{ snapshot: string, sources: string[], output: string, architecture?: string, flags?: string[],
 *   compiler?: string, objects?: string[] }} program the snapshot's folder; the sources that have main(); for sanitizers
 *   other flags, another compiler and other objects of the translation
 */
export async function linkEngineProgram({
  snapshot,
  sources,
  output,
  architecture = ownArchitecture,
  flags = ['-O2'],
  compiler = compilerFor(architecture, 'g++', 'CXX'),
  objects,
}) {
  const translated = objects ?? (await translateEngine(architecture));
  mkdirSync(dirname(output), { recursive: true });
  const fresh = `${output}.${process.pid}`;
  const { status, error } = spawnSync(
    compiler,
    [
      ...hostFlags(snapshot, compiler),
      ...flags,
      ...['-static', '-no-pie', '-Wl,--gc-sections', '-o', fresh],
      ...[...sources, ...hostSources, ...translated],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (error) throw new Error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
  if (status !== 0) throw new Error(`${output} could not be built`);
  renameSync(fresh, output);
}
