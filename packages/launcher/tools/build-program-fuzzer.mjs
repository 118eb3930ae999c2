// Builds, with AddressSanitizer and UndefinedBehaviorSanitizer, the whole program on a machine in memory (test/native/fuzz-program.cc),
// from the bundle of packages/cli. With --fuzzer: under libFuzzer, which is clang's; the exit status is 2 where it has none.
// Prints the program's path. CXX names another compiler than g++, CLANGXX another than clang++.
//
// The translated engine is as it is packaged: it reaches nothing but its own memory, whatever it does. So a case takes
// milliseconds, and what is looked at is what is ours.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';

import { engineBundle } from '../../cli/tools/engine-bundle.mjs';
import { hostFlags, hostSources } from './engine-program.mjs';
import { hostFunctionNames, makeSnapshot, writeSnapshot, writeWrittenPages } from './make-snapshot.mjs';
import { fastPathSources, folder, native } from './programs.mjs';
import { ownArchitecture, translateEngine } from './translate-engine.mjs';

const withFuzzer = process.argv.includes('--fuzzer');
const compiler = withFuzzer ? process.env['CLANGXX'] || 'clang++' : process.env['CXX'] || 'g++';

const forTests = join(folder, 'test/native');
const out = join(forTests, withFuzzer ? 'dist/program-libfuzzer' : 'dist/program');

if (withFuzzer && !hasLibFuzzer()) process.exit(2);

// The snapshot has no source text in it and is made of the sources as they are now, whatever lies in the bundle's folder.
const { code } = await engineBundle('src/main/engine-main.ts');
mkdirSync(out, { recursive: true });
const snapshot = await makeSnapshot({
  source: code,
  fileName: 'ociwrap',
  hostFunctions: hostFunctionNames(),
  rehearsal: 'rehearsal',
});
writeSnapshot(snapshot, out);
// Some: which ones it is changes nothing but the time.
writeWrittenPages([{ first: 0, count: 64 }], out);
const objects = await translateEngine(ownArchitecture);

const flags = [
  ...hostFlags(out, compiler),
  `-I${forTests}`,
  // As in build-launcher-parts.mjs, for the same reasons.
  ...['-g', withFuzzer ? '-O1' : '-O0', '-DOCIWRAP_KERNEL_OF_TESTS'],
  ...(withFuzzer
    ? ['-DWITH_LIBFUZZER', '-fsanitize=fuzzer,address,undefined']
    : ['-fsanitize=address,undefined,bounds-strict']),
  '-fno-sanitize-recover=all',
  ...(withFuzzer ? ['-Wno-unused-command-line-argument'] : []),
  ...(withFuzzer ? [] : ['-Wno-maybe-uninitialized']),
];
const ours = ['program', 'refusal', 'without-engine'].map((name) => join(native, `${name}.cc`));
const tests = ['fuzz-program', 'lies', 'memory-kernel', 'memory-machine'].map((name) =>
  join(forTests, `${name}.cc`),
);
const sources = [...new Set([...ours, ...fastPathSources, ...hostSources, ...tests])];
const objectFolder = mkdtempSync(join(out, 'objects-'));
process.once('exit', () => rmSync(objectFolder, { recursive: true }));
const compiled = await compileAll(sources);
const output = join(out, 'fuzz-program');
const fresh = `${output}.${process.pid}`; // tests run side by side
// What of the program the test looks at from outside.
const wrapped = [
  '_ZN7ociwrap10run_engineERKNS_10EngineCallE',
  '_ZN7ociwrap6engine8on_stackEPFivE',
  '_ZN7ociwrap6engine11leave_stackEi',
  ...['engine_memory_grow', 'engine_copy', 'engine_fill'],
].map((name) => `-Wl,--wrap=${name}`);
await finished([...flags, '-no-pie', ...wrapped, '-o', fresh, ...compiled, ...objects]);
renameSync(fresh, output);
console.log(output);

/** One after the other they would take a minute. */
async function compileAll(files) {
  const waiting = [...files];
  const objectOf = (file) => join(objectFolder, `${basename(file, '.cc')}.o`);
  const compileNext = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      await finished([...flags, '-c', '-o', objectOf(file), file]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
  return files.map(objectOf);
}

function finished(args) {
  return new Promise((resolve) => {
    const child = spawn(compiler, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      console.error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
      process.exit(1);
    });
    child.once('close', (status) => (status === 0 ? resolve() : process.exit(1)));
  });
}

/** clang and its runtime libraries are packages of their own. */
function hasLibFuzzer() {
  const program =
    'extern "C" int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long) { return 0; }\n';
  const args = ['-fsanitize=fuzzer,address', '-x', 'c++', '-o', '/dev/null', '-'];
  return spawnSync(compiler, args, { input: program }).status === 0;
}
