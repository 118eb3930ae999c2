// npm run fuzz: puts arbitrary bytes to everything in the launcher that reads bytes of others, under AddressSanitizer and
// UndefinedBehaviorSanitizer. libFuzzer makes the inputs where clang has it, else a generator from a seed.
//   npm run fuzz -- --runs 2500000 --seed 7 [--seeded]
// An input that ends the program is a file under .tools/fuzz (libFuzzer), or a number and a seed.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const found = join(here, '../../../.tools/fuzz');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2500000' },
    seed: { type: 'string', default: '1' },
    seeded: { type: 'boolean', default: false },
  },
});
const { runs, seed } = values;

const fuzzer = values.seeded ? undefined : programOf(['--fuzzer']);
if (fuzzer === undefined) {
  if (!values.seeded)
    console.error('no libFuzzer (clang and libclang-rt): the inputs are made from the seed');
  start(programOf([]), ['fuzz', seed, runs]);
} else {
  const corpus = join(found, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const options = [`-runs=${runs}`, `-seed=${seed}`, '-max_len=8192', '-print_final_stats=1'];
  start(fuzzer, [...options, `-artifact_prefix=${found}/`, corpus]);
}

/** `undefined` where there is no such compiler. */
function programOf(args) {
  const build = [join(here, 'build-launcher-parts.mjs'), ...args];
  const { status, stdout } = spawnSync(process.execPath, build, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 2) return undefined;
  if (status !== 0) process.exit(1);
  return stdout.trim();
}

function start(program, args) {
  const { status, signal, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) console.error(error.message);
  if (signal) console.error(`ended by ${signal}`);
  process.exit(status ?? 1);
}
