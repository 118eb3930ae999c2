// Generated calls on generated machines, made with the whole program under sanitizers (test/native/fuzz-program.cc).
//   node tools/fuzz-program.mjs --runs N --seed S [--from INDEX] [--show]
// What is made depends on nothing but a seed and a number.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { buildSync } from 'esbuild';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));

/** How many cases one process is asked for. */
const AT_ONCE = 250;

/** Builds the program, and what makes its cases. */
export function buildProgramFuzzer() {
  const tool = join(folder, 'tools/build-program-fuzzer.mjs');
  const program = execFileSync(process.execPath, [tool], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return { program, maker: buildCaseMaker(dirname(program)) };
}

/** Gives the script that writes cases. */
export function buildCaseMaker(into) {
  mkdirSync(into, { recursive: true });
  const maker = join(into, 'program-cases.cjs');
  buildSync({
    entryPoints: [join(folder, 'test/engine/whole/program-cases.ts')],
    outfile: maker,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2023',
    mainFields: ['module', 'main'],
    define: { 'import.meta.dirname': '""' },
  });
  return maker;
}

/**
 * Runs the cases `from` to `from + runs` of a seed.
 *
 * @param {{ program: string, maker: string }} programs
 * @param {{ seed: number, runs: number, from?: number, shows?: boolean }} asked
 * @returns {Promise<{ counts: Record<string, number>, faults: string[], told: string }>} how many cases ended in which way, and
 *   what is wrong with those that are not to end so
 */
export async function fuzzProgram(programs, { seed, runs, from = 0, shows = false }) {
  const counts = {};
  const faults = [];
  const told = [];
  const starts = [];
  for (let at = from; at < from + runs; at += AT_ONCE) starts.push(at);
  const work = async () => {
    for (let at = starts.shift(); at !== undefined && faults.length === 0; at = starts.shift()) {
      const count = Math.min(AT_ONCE, from + runs - at);
      const { status, stdout, stderr } = await put(programs, { seed, at, count, shows });
      told.push(stdout);
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      for (const [, number, what] of last.matchAll(/(\d+) ([a-z ]+)/g)) {
        counts[what] = (counts[what] ?? 0) + Number(number);
      }
      if (status !== 0)
        faults.push(`seed ${seed}, in the ${count} cases from ${at}: ended by ${status}\n${stderr}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { counts, faults, told: told.join('') };
}

function put({ program, maker }, { seed, at, count, shows }) {
  return new Promise((resolve, reject) => {
    const making = spawn(process.execPath, [maker, seed, at, count].map(String), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const running = spawn(program, [String(at), ...(shows ? ['--show'] : [])], {
      stdio: [making.stdout, 'pipe', 'pipe'],
    });
    const [stdout, stderr] = [[], []];
    running.stdout.on('data', (piece) => stdout.push(piece));
    running.stderr.on('data', (piece) => stderr.push(piece));
    making.once('error', reject);
    running.once('error', reject);
    running.once('close', (status, signal) => {
      making.kill(); // where a fault has ended the program, it waits for somebody to read on
      const [out, err] = [stdout, stderr].map((pieces) => Buffer.concat(pieces).toString());
      resolve({ status: status ?? signal, stdout: out, stderr: err });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      show: { type: 'boolean', default: false },
    },
  });
  const [seed, runs, from] = [values.seed, values.runs, values.from].map(Number);
  const { counts, faults, told } = await fuzzProgram(buildProgramFuzzer(), {
    seed,
    runs,
    from,
    shows: values.show,
  });
  if (values.show) console.log(told);
  for (const fault of faults) console.error(fault);
  const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  console.log(`seed ${seed}: ${parts.join(', ')}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
