// npm run fuzz: puts arbitrary bytes to everything in the launcher that reads bytes of others, the host side of the engine
// between an engine and a kernel that lie, and whole calls on a machine whose kernel lies to the program, under AddressSanitizer and
// UndefinedBehaviorSanitizer. libFuzzer makes the inputs where clang has it, else a generator from a seed.
//   npm run fuzz -- --target parts|port|program --runs 2500000 --seed 7 [--seeded]
// An input that ends the program is a file under .tools/fuzz (libFuzzer), or a number and a seed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { buildCaseMaker } from './fuzz-program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const found = join(here, '../../../.tools/fuzz');

/** What builds each, the words before a seed, how many inputs take some minutes, and how long one gets. */
const TARGETS = {
  parts: { tool: 'build-launcher-parts.mjs', seeded: ['fuzz'], runs: 2_500_000, size: 8192 },
  port: { tool: 'build-port-fuzzer.mjs', seeded: [], runs: 200_000, size: 4096 },
  // A case is a process. Its lies and its configuration are parts of an input that has a form (test/engine/whole).
  program: { tool: 'build-program-fuzzer.mjs', seeded: [], runs: 10_000, size: 65_536 },
};

/** Configurations and machines for libFuzzer to begin with. */
const FIRST_CASES = 1000;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seeded: { type: 'boolean', default: false },
  },
});

const names = values.target === undefined ? Object.keys(TARGETS) : [values.target];
for (const name of names) {
  if (!(name in TARGETS)) throw new Error(`--target takes ${Object.keys(TARGETS).join(', ')}, not ${name}`);
  fuzz(name);
}

function fuzz(name) {
  const { tool, seeded, size, ...target } = TARGETS[name];
  const { seed, runs = String(target.runs) } = values;
  const fuzzer = values.seeded ? undefined : programOf(tool, ['--fuzzer']);
  if (fuzzer === undefined) {
    if (!values.seeded)
      console.error('no libFuzzer (clang and libclang-rt): the inputs are made from the seed');
    if (name === 'program') {
      start(process.execPath, [join(here, 'fuzz-program.mjs'), `--seed=${seed}`, `--runs=${runs}`]);
      return;
    }
    start(programOf(tool, []), [...seeded, seed, runs]);
    return;
  }
  const corpus = join(found, `corpus-${name}`);
  mkdirSync(corpus, { recursive: true });
  if (name === 'program') writeFirstCases(corpus, seed);
  else writeFirstInputs(corpus, size, Number(seed));
  const options = [`-runs=${runs}`, `-seed=${seed}`, `-max_len=${size}`, '-print_final_stats=1'];
  start(fuzzer, [...options, `-artifact_prefix=${found}/${name}-`, corpus]);
}

/** A run of some length needs an input of some length, at which libFuzzer arrives late by itself. */
function writeFirstInputs(corpus, size, seed) {
  if (readdirSync(corpus).length > 0) return;
  for (let at = 0; at < 100; at += 1) {
    const hash = createHash('shake256', { outputLength: size });
    writeFileSync(join(corpus, `first-${at}`), hash.update(`${seed} ${at}`).digest());
  }
}

function writeFirstCases(corpus, seed) {
  if (readdirSync(corpus).length > 0) return;
  start(process.execPath, [buildCaseMaker(found), ...[seed, 0, FIRST_CASES].map(String), corpus]);
}

/** `undefined` where there is no such compiler. */
function programOf(tool, args) {
  const { status, stdout } = spawnSync(process.execPath, [join(here, tool), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 2) return undefined;
  if (status !== 0) process.exit(1);
  return stdout.trim();
}

/** The first input that ends a program ends all. */
function start(program, args) {
  const { status, signal, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) console.error(error.message);
  if (signal) console.error(`ended by ${signal}`);
  if (status !== 0) process.exit(status ?? 1);
}
