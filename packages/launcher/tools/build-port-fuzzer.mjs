// Builds, with AddressSanitizer and UndefinedBehaviorSanitizer, the host side of the engine between an engine and a kernel that
// lie (test/native/fuzz-port.cc). With --fuzzer: under libFuzzer, which is clang's; the exit status is 2 where it has none.
// Prints the program's path. CXX names another compiler than g++, CLANGXX another than clang++.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hostFlags, hostSources } from './engine-program.mjs';
import { folder } from './programs.mjs';
import { ownArchitecture, translateEngine, translationFolder } from './translate-engine.mjs';

const forTests = join(folder, 'test/native');
const out = join(forTests, 'dist/lying');

const withFuzzer = process.argv.includes('--fuzzer');
const compiler = withFuzzer ? process.env['CLANGXX'] || 'clang++' : process.env['CXX'] || 'g++';

await translateEngine(ownArchitecture); // for its headers
mkdirSync(out, { recursive: true });
writeFileSync(
  join(out, 'quickjs.cc'),
  lyingEngine(readFileSync(join(translationFolder, 'quickjs.h'), 'utf8')),
);
writeFileSync(join(out, 'text-globals.js'), '');
writeFileSync(
  join(out, 'snapshot.h'),
  ['STACK_POINTER 0x50000u', 'RUNTIME 0x2000u', 'CONTEXT 0x3000u']
    .map((line) => `#define SNAPSHOT_${line}\n`)
    .join(''),
);

// What the engine's memory and stack are is the test's; realms and trees are part of fuzz-port.cc.
const left = ['copy-tree.cc', 'engine-memory.cc', 'engine-stack.cc', 'realm.cc', 'realms.cc', 'wasm-math.cc'];
const sources = hostSources.filter((file) => !left.includes(file.slice(file.lastIndexOf('/') + 1)));
const output = join(out, withFuzzer ? 'fuzz-port-libfuzzer' : 'fuzz-port');
const fresh = `${output}.${process.pid}`; // tests run side by side
const { status, error } = spawnSync(
  compiler,
  [
    ...hostFlags(out, compiler),
    // As in build-launcher-parts.mjs, for the same reasons.
    ...['-g', withFuzzer ? '-O1' : '-O0', '-DOCIWRAP_KERNEL_OF_TESTS', '-no-pie', `-I${forTests}`],
    ...(withFuzzer
      ? ['-DWITH_LIBFUZZER', '-fsanitize=fuzzer,address,undefined']
      : ['-fsanitize=address,undefined,bounds-strict']),
    ...['-fno-sanitize-recover=all', withFuzzer ? '' : '-Wno-maybe-uninitialized', '-o', fresh].filter(
      Boolean,
    ),
    ...['fuzz-port.cc', 'lies.cc', 'lying-engine.cc', 'lying-kernel.cc'].map((name) => join(forTests, name)),
    join(out, 'quickjs.cc'),
    ...sources,
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
if (error) console.error(`cannot run the compiler ${compiler}: ${error.message}`);
if (error && withFuzzer) process.exit(2);
if (status !== 0) process.exit(1);
renameSync(fresh, output);
console.log(output);

/** Every function of the engine; lying-engine.cc has its own of those whose answers the host reads. */
function lyingEngine(header) {
  const functions = [...header.matchAll(/^(u32|u64|f64|f32|void) (vm_\w+)\((.*)\);$/gm)].map(
    ([, result, name, parameters]) => {
      const types = parameters.replaceAll(/ w2c_p\d+/g, '').replace('void', '');
      return `__attribute__((weak)) ${result} ${name}(${types}) { ${lieOf(result, name)} }`;
    },
  );
  return ['#include "quickjs.h"', '#include "lying-engine.h"', 'extern "C" {', ...functions, '}', ''].join(
    '\n',
  );
}

function lieOf(result, name) {
  if (result === 'void') return '';
  if (result === 'u64') return 'return ociwrap_test::lying_value();';
  return `return ociwrap_test::${name.startsWith('vm_qjs_is_') ? 'lying_flag' : 'lying_box'}();`;
}
