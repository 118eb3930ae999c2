// Translates the JavaScript engine, quickjs.wasm of the npm package quickjs-wasi, to C, and compiles it: dist/engine/c and
// dist/engine/<architecture>/*.o. Nothing is done where the inputs are those of the last time.
//
//   node tools/translate-engine.mjs [--arch arm64]
//
// Needs wasm2c of wabt, and for another architecture than this machine's Debian's cross compiler: both are fetched from Debian
// into .tools where they are not installed. CC names another C compiler than gcc for this machine's.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { crossCompiler, ownArchitecture, TRIPLES } from '../../../tools/cross-programs.mjs';
import { fetchPackages, findProgram, libraryPath } from '../../../tools/debian-programs.mjs';
import { engineModule } from './make-snapshot.mjs';
import { rewriteTranslation } from './rewrite-translation.mjs';

export { ownArchitecture };

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(folder, 'native/engine');
const out = join(folder, 'dist/engine');

/** The translation's C and headers. */
export const translationFolder = join(out, 'c');

/** Enough for the cores of today's machines; each has functions of one part of QuickJS, which inline each other. */
const UNITS = 4;

/** The program that compiles for an architecture: `gcc` or `g++`, or what the variable names; for another one than this machine's, Debian's. */
export function compilerFor(architecture, name, variable) {
  if (architecture === ownArchitecture) return process.env[variable] || name;
  const found = crossCompiler(architecture, name);
  if (found === undefined)
    throw new Error(`no ${name} for ${architecture}: install ${TRIPLES[architecture]}-${name}`);
  return found;
}

// WebAssembly computes in two's complement (-fwrapv), rounds each operation by itself (-ffp-contract=off: arm64 would join a
// multiplication and an addition) and has no errno. Without libc, since the engine runs before libc has set itself up. The
// largest frame is what engine-stack.cc leaves room for.
const flags = [
  ...['-std=c11', '-O3', '-fno-pie', '-fno-plt', '-ffunction-sections', '-fdata-sections'],
  ...['-fwrapv', '-ffp-contract=off', '-fno-math-errno', '-ffreestanding', '-fno-stack-protector'],
  ...['-fno-tree-loop-distribute-patterns', '-fno-asynchronous-unwind-tables'],
  '-Werror=frame-larger-than=32768',
  ...[`-I${native}`, `-I${translationFolder}`],
];

/**
 * Translates and compiles, unless that was done before.
 *
 * @param {string} architecture `amd64` or `arm64`
 * @param {{ compiler?: string, extraFlags?: string[], name?: string }} options for sanitizers: another folder's name
 * @returns {Promise<string[]>} the object files
 */
export async function translateEngine(architecture, { compiler, extraFlags = [], name = architecture } = {}) {
  const program = compiler ?? compilerFor(architecture, 'gcc', 'CC');
  const target = join(out, name);
  const stamp = join(target, 'inputs.sha256');
  const inputs = digestOfInputs(program, extraFlags);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== inputs) {
    rmSync(stamp, { force: true });
    mkdirSync(target, { recursive: true });
    const sources = translate();
    await compileAll(program, [...flags, ...extraFlags], sources, target);
    writeFileSync(stamp, inputs);
  }
  return readdirSync(target)
    .filter((file) => file.endsWith('.o'))
    .map((file) => join(target, file));
}

function digestOfInputs(program, extraFlags) {
  const hash = createHash('sha256');
  const sources = ['translate-engine.mjs', 'rewrite-translation.mjs'].map((name) =>
    join(folder, 'tools', name),
  );
  const headers = ['wasm-operators.h', 'wasm-unit.h'].map((name) => join(native, name));
  for (const file of [engineModule, ...sources, ...headers]) hash.update(readFileSync(file));
  const { stdout, error } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (error) throw new Error(`cannot run the compiler ${program}: ${error.message}; install gcc or set CC`);
  return hash.update([program, stdout, ...extraFlags].join('\0')).digest('hex');
}

/** Gives the paths of the units of C. */
function translate() {
  const work = join(out, 'wasm2c');
  mkdirSync(work, { recursive: true });
  mkdirSync(translationFolder, { recursive: true });
  const wasm2c = findWasm2c();
  const source = join(work, 'quickjs.c');
  const { status, stderr } = spawnSync(wasm2c.program, [engineModule, '-n', 'quickjs', '-o', source], {
    encoding: 'utf8',
    env: { ...process.env, ...wasm2c.environment },
  });
  if (status !== 0) throw new Error(`wasm2c failed: ${stderr}`);
  const texts = rewriteTranslation({
    source: readFileSync(source, 'utf8'),
    header: readFileSync(join(work, 'quickjs.h'), 'utf8'),
    units: UNITS,
  });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(translationFolder, name), text);
  return Object.keys(texts)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(translationFolder, name));
}

function findWasm2c() {
  const found = findProgram('wasm2c') ?? (fetchPackages(['wabt']) ? findProgram('wasm2c') : undefined);
  if (found === undefined) {
    throw new Error('wasm2c is missing: install wabt 1.0.32, or apt-get, by which it is fetched');
  }
  const ours = found.includes('/.tools/');
  return { program: found, environment: ours ? { LD_LIBRARY_PATH: libraryPath() } : {} };
}

async function compileAll(program, options, sources, target) {
  const waiting = [...sources];
  const compileNext = async () => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      const object = join(target, `${source.slice(source.lastIndexOf('/') + 1, -2)}.o`);
      await finished(spawn(program, [...options, '-c', '-o', object, source], { stdio: 'inherit' }));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
}

function finished(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      status === 0 ? resolve() : reject(new Error(`${child.spawnargs.join(' ')}: status ${status}`));
    });
  });
}

/** What `--arch` says, or this machine. */
export function askedArchitecture(words = process.argv) {
  const option = words.indexOf('--arch');
  const architecture = option === -1 ? ownArchitecture : words[option + 1];
  if (!(architecture in TRIPLES)) throw new Error(`--arch takes amd64 or arm64, not ${architecture}`);
  return architecture;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const objects = await translateEngine(askedArchitecture());
  console.log(objects.join('\n'));
}
