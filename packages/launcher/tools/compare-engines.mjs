// Runs generated configurations and calls through V8 and through the engine of the program, and compares what the two say, to the byte.
// What is made depends on nothing but a seed and a number.
//   npm run compare -- --runs N --seed S [--show INDEX]
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';

import { linkEngineProgram } from './engine-program.mjs';
import { hostFunctionNames, makeSnapshot, writeSnapshot } from './make-snapshot.mjs';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(folder, 'test/engine/compare');

/** How many cases one process is asked for: enough for V8 to compile what it runs, and what is left in memory ends with it. */
const AT_ONCE = 5000;

/** Differences of which the inputs are shown; there are rarely others behind them. */
const MOST_SHOWN = 5;

/** By these a process is ended from outside, for want of memory or by somebody's hand: no engine ends itself so. */
const FROM_OUTSIDE = new Set(['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGTERM']);

/** How often the same cases may be killed before it is said that they are what the machine has no memory for. */
const MOST_KILLED = 3;

/**
 * Builds both programs.
 *
 * @param {string} into - a folder that is theirs
 * @returns {Promise<{ v8: string[], engine: string[] }>} the commands, to which words are added
 */
export async function buildComparison(into) {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const bundled = async (name, options) => {
    const { outputFiles } = await build({
      entryPoints: [join(sources, `${name}.ts`)],
      bundle: true,
      write: false,
      target: 'es2023',
      mainFields: ['module', 'main'],
      legalComments: 'none',
      define: { 'import.meta.dirname': '""' },
      ...options,
    });
    return outputFiles[0].text;
  };
  const script = join(into, 'compare.cjs');
  writeFileSync(script, await bundled('compare-in-node', { format: 'cjs', platform: 'node' }));
  const source = await bundled('compare-in-engine', { format: 'iife', platform: 'neutral' });
  const snapshot = join(into, 'snapshot');
  const made = await makeSnapshot({ source, fileName: 'compare.js', hostFunctions: hostFunctionNames() });
  writeSnapshot(made, snapshot);
  const output = join(into, 'compare-in-engine');
  await linkEngineProgram({ snapshot, sources: [join(folder, 'test/native/engine-program.cc')], output });
  return { v8: [process.execPath, script], engine: [output, 'compare'] };
}

/**
 * Runs the cases `from` to `from + runs` of a seed in both.
 *
 * @param {{ v8: string[], engine: string[] }} programs
 * @param {{ seed: number, runs: number, from?: number, tell?: (done: number) => void }} asked
 * @returns {Promise<{ cases: Record<string, number>, differences: string[], killed: number }>} how many of each kind there were;
 *   for each of the first differences, its number, what was made and what both said of it; how many processes were killed from
 *   outside, the cases of which were put again
 * @throws where the same cases are killed again and again: then nothing is known of them
 */
export async function compareEngines(programs, { seed, runs, from = 0, tell = () => undefined }) {
  const cases = {};
  const differing = [];
  let killed = 0;
  const end = from + runs;
  let done = 0;
  const spans = [];
  for (let at = from; at < end; at += AT_ONCE) spans.push({ at, last: Math.min(at + AT_ONCE, end) });
  const worker = async () => {
    for (
      let span = spans.shift();
      span !== undefined && differing.length < MOST_SHOWN;
      span = spans.shift()
    ) {
      const { at, last } = await compareSpan(span);
      done += at - span.at;
      tell(done);
      if (at < last) spans.unshift({ at, last });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));

  /** What ends a program has no line, and what is behind it is left for another time. */
  async function compareSpan({ at: first, last }) {
    const v8 = await hashesOf('v8', first, last - first);
    const engine = await hashesOf('engine', first, last - first);
    for (let at = first; at < last; at += 1) {
      const [one, other] = [v8, engine].map((hashes) => hashes.get(`${at}`));
      const kind = one?.split(' ')[0] ?? 'unanswered by V8';
      cases[kind] = (cases[kind] ?? 0) + 1;
      if (one === undefined || one !== other) differing.push(at);
      if (one === undefined || other === undefined) return { at: at + 1, last };
    }
    return { at: last, last };
  }

  /** The kinds and hashes of cases by their numbers; what the program around the engine says of its end is none. */
  async function hashesOf(name, first, count) {
    for (let attempt = 1; ; attempt += 1) {
      const { output, end } = await run(programs[name], ['hashes', seed, first, count]);
      if (!FROM_OUTSIDE.has(end)) {
        return new Map(
          [...output.matchAll(/^(\d+) (\w+ [0-9a-f]{16})$/gm)].map(([, index, line]) => [index, line]),
        );
      }
      killed += 1;
      if (attempt === MOST_KILLED)
        throw new Error(
          `${name} was ended from outside by ${end}, ${attempt} times in the ${count} cases from ${first} of seed ${seed}: this is no difference, and nothing is known of them`,
        );
    }
  }

  const differences = [];
  for (const index of differing.sort((one, other) => one - other).slice(0, MOST_SHOWN)) {
    differences.push(await difference(programs, seed, index));
  }
  return { cases, differences, killed };
}

async function difference(programs, seed, index) {
  const [v8, engine] = await Promise.all(
    [programs.v8, programs.engine].map((program) => run(program, ['show', seed, index])),
  );
  const [one, other] = [v8, engine].map(({ output }) => output.split('\n'));
  const at = one.findIndex((line, place) => line !== other[place]);
  const part = (lines) => lines.slice(Math.max(0, at - 3), at + 5).join('\n');
  return [
    `case ${index} of seed ${seed}: npm run compare -- --seed ${seed} --show ${index}`,
    `--- V8, line ${at + 1}, ended by ${v8.end}\n${part(one)}`,
    `--- the engine, ended by ${engine.end}\n${part(other)}`,
    `--- all of it\n${v8.output}`,
  ].join('\n');
}

/** What it printed, and by what it ended: an exit status, or a signal's name. */
function run([program, ...args], words) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pieces = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.once('error', reject);
    child.once('close', (status, signal) =>
      resolve({ output: Buffer.concat(pieces).toString(), end: signal ?? status }),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      show: { type: 'string' },
    },
  });
  const [seed, runs, from] = [values.seed, values.runs, values.from].map(Number);
  const programs = await buildComparison(join(folder, 'dist/compare'));
  if (values.show === undefined) {
    const begun = performance.now();
    const tell = (done) => {
      if (done % 20_000 === 0) console.error(`${done} of ${runs}`);
    };
    const { cases, differences, killed } = await compareEngines(programs, { seed, runs, from, tell });
    for (const each of differences) console.error(`${each}\n`);
    const told = Object.entries(cases).map(([kind, count]) => `${count} ${kind}`);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    if (killed > 0) console.log(`${killed} processes were killed from outside, and their cases put again`);
    console.log(`seed ${seed}: ${told.join(', ')}; ${differences.length} differences shown; ${seconds} s`);
    process.exitCode = differences.length === 0 ? 0 : 1;
  } else {
    console.log(await difference(programs, seed, values.show));
  }
}
