// Builds dist/programs/ociwrap, the program that is packaged, from the bundle of packages/cli, and the same without its fast path
// (engine-only-wrapper), which tests hold against it. For another architecture than this machine's: ociwrap-arm64 and
// engine-only-wrapper-arm64.
//   node tools/build-program.mjs [--arch arm64]

import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { emulatorOf } from '../../../tools/cross-programs.mjs';
import { hostFlags, hostSources, linkEngineProgram } from './engine-program.mjs';
import { hostFunctionNames, makeSnapshot, writeSnapshot, writeWrittenPages } from './make-snapshot.mjs';
import { buildProgram, fastPathSources, folder, native, out, plainCxx, withoutLibc } from './programs.mjs';
import { compilerFor, ownArchitecture, translateEngine } from './translate-engine.mjs';

const { values } = parseArgs({ options: { arch: { type: 'string', default: ownArchitecture } } });
const architecture = values.arch;

const suffix = architecture === ownArchitecture ? '' : `-${architecture}`;

const bundle = join(folder, '../cli/dist/bundle/engine.js');
// Made anew for each architecture, and a test compares: it is the same.
const snapshotFolder = join(folder, 'dist/engine', `snapshot${suffix}`);
const snapshot = await makeSnapshot({
  source: readFileSync(bundle, 'utf8'),
  fileName: 'ociwrap',
  hostFunctions: hostFunctionNames(),
  rehearsal: 'rehearsal',
});
writeSnapshot(snapshot, snapshotFolder);
writeWrittenPages(await recordWrittenPages(), snapshotFolder);

const ours = ['compiler-calls', 'program', 'program-start', 'refusal', 'self-marker', 'without-engine'].map(
  (name) => join(native, `${name}.cc`),
);
const sources = [...new Set([...ours, ...fastPathSources, ...hostSources])];
const objects = await translateEngine(architecture);
const compiler = compilerFor(architecture, 'g++', 'CXX');
for (const [name, more] of [
  ['ociwrap', []],
  ['engine-only-wrapper', ['-DOCIWRAP_WITHOUT_FAST_PATH']],
]) {
  const args = [
    ...plainCxx,
    ...withoutLibc,
    ...hostFlags(snapshotFolder),
    ...more,
    ...sources,
    ...objects,
    '-lgcc',
  ];
  buildProgram(`${name}${suffix}`, args, compiler);
}

// Where the tests are, in a root directory of their own, nothing of the machine's is.
if (architecture !== ownArchitecture) {
  const emulator = emulatorOf(architecture);
  if (emulator === undefined) throw new Error(`no emulator for ${architecture}: install qemu-user-static`);
  copyFileSync(emulator, join(out, basename(emulator)));
}

/** Which pages a call writes to is the same on all architectures: it depends on what lies in the engine's memory, and nothing else. */
async function recordWrittenPages() {
  const program = join(folder, 'dist/engine/record-written-pages');
  await linkEngineProgram({
    snapshot: snapshotFolder,
    sources: [join(native, 'record-written-pages.cc')],
    output: program,
    flags: ['-O1'],
  });
  const { status, stdout, stderr } = spawnSync(program, { encoding: 'utf8', env: {} });
  if (status !== 0) throw new Error(`the pages that a call writes to cannot be recorded: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([first, count]) => ({ first, count }));
}
