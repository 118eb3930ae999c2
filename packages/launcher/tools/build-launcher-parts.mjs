// Builds, with AddressSanitizer and UndefinedBehaviorSanitizer, a program around the parts of the launcher that read what
// others wrote: it answers questions (test/native/launcher-parts.cc) and makes inputs of a seed (test/native/fuzz-launcher.h).
// With --fuzzer: the same parts under libFuzzer, which is clang's; the exit status is 2 where it has none.
// Prints the program's path. CXX names another compiler than g++, CLANGXX another than clang++.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const launcher = join(root, 'native');
const fastPath = join(launcher, 'fast-path');
const native = join(root, '..', 'exec-native', 'native');
const forTests = join(root, 'test', 'native');
const out = join(forTests, 'dist');

const parts = [
  'bytes',
  'candidate',
  'fast-path-table',
  'flag-syntax',
  'handler-name',
  'log-record',
  'parse-invocation',
  'possible-readings',
  'real-path',
  'resolve-runtime',
  'trigger-scan',
  'utf8',
  'verb-flags',
].map((name) => join(fastPath, `${name}.cc`));
const inTests = (...names) => names.map((name) => join(forTests, `${name}.cc`));

const usual = {
  name: 'launcher-parts',
  compiler: process.env['CXX'] || 'g++',
  // bounds-strict: an array at the end of a class, too.
  sanitizers: 'address,undefined,bounds-strict',
  // With -O1 and -O2 GCC 12 leaves out checks that it takes for repeated: a byte read behind the end goes unseen.
  optimized: '-O0',
  sources: inTests('launcher-parts', 'fuzz-launcher', 'seeded-inputs'),
};
const fuzzer = {
  name: 'fuzz-launcher',
  compiler: process.env['CLANGXX'] || 'clang++',
  sanitizers: 'fuzzer,address,undefined',
  optimized: '-O1',
  sources: inTests('fuzz-launcher'),
};
const wanted = process.argv.includes('--fuzzer') ? fuzzer : usual;
const { name, compiler, sanitizers, optimized, sources } = wanted;

const flags = [
  ...['-std=c++17', '-D_GNU_SOURCE', '-g', optimized, '-Wall', '-Wextra', '-Werror'],
  ...[`-I${launcher}`, `-I${fastPath}`, `-I${native}`, `-I${forTests}`],
  // What only a comparison of answers would not see ends the program.
  ...[`-fsanitize=${sanitizers}`, '-fno-sanitize-recover=all'],
];

const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const inputs = [launcher, fastPath, join(launcher, 'generated'), forTests].flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => /\.(cc|h)$/.test(file))
    .map((file) => join(folder, file)),
);
const newest = Math.max(...[fileURLToPath(import.meta.url), ...inputs].map(changed));

const output = join(out, name);
if (changed(output) < newest) {
  mkdirSync(out, { recursive: true });
  if (wanted === fuzzer && !hasLibFuzzer()) process.exit(2);
  const fresh = `${output}.${process.pid}`; // tests run side by side
  const { status, error } = spawnSync(compiler, [...flags, '-o', fresh, ...sources, ...parts], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
  if (status !== 0) process.exit(1);
  renameSync(fresh, output);
}
console.log(output);

/** clang and its runtime libraries are packages of their own. */
function hasLibFuzzer() {
  const program =
    'extern "C" int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long) { return 0; }\n';
  const { status } = spawnSync(compiler, [...flags, '-x', 'c++', '-o', '/dev/null', '-'], { input: program });
  return status === 0;
}
