import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { bundleOf, specOf, TRIGGER } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { describeWith, recordingRuntime, wrapper } from './programs.js';
import { type PrometheusSamples, readPrometheusText, totalOf } from './prometheus-text.js';
import { scratchFolder } from './scratch.js';
import { strace } from './traced-call.js';

const ROUNDS = 5;
const OF_A_ROUND = 10;
/** The system calls of a start, with room to spare: what is killed later than at its last is not killed. */
const MOST_SYSTEM_CALLS = 160;
const MAX_SIZE = 2048;

/** Starts a program for each line of its input, all at once, and says of each how it ended. */
const ALL_AT_ONCE =
  'while read -r number line; do { $line >&2; echo "$number $?"; } 2>/dev/null & done; wait';

describeWith(['busybox', 'strace'], 'calls that are made at once, half of which are killed', () => {
  let machine: ConfiguredMachine;
  let folder: string;
  let log: string;
  let metrics: string;
  /** Without a space in its path, wherever the repository lies: the shell takes a line apart. */
  let program: string;
  const bundles = { passed: '', refused: '' };
  /** Of each call that was not killed, by the number in its id, whether it was refused. */
  const ended = new Map<number, boolean>();
  const seen: PrometheusSamples[] = [];

  const commandOf = (number: number) => {
    const bundle = number % 3 === 0 ? bundles.refused : bundles.passed;
    const call = [program, 'create', '--bundle', bundle, `c${number}`];
    if (number % 2 === 0) return call;
    // Spread over the whole of a call, and another one in each run of the tests.
    const nth = 1 + ((number * 37 + process.pid) % MOST_SYSTEM_CALLS);
    return strace('-o', '/dev/null', `--inject=all:signal=KILL:when=${nth}`, ...call);
  };

  const run = (numbers: readonly number[]) => {
    const input = numbers.map((number) => `${number} ${commandOf(number).join(' ')}\n`).join('');
    const env = { SGS_RUNC_PATH: recordingRuntime };
    const { status, stdout } = machine.run('sh', ['-c', ALL_AT_ONCE], { env, input });
    expect(status).toBe(0);
    for (const line of stdout.trim().split('\n')) {
      const [number = Number.NaN, ending] = line.split(' ').map(Number);
      if (ending === 0 || ending === 1) ended.set(number, ending === 1);
    }
    seen.push(readPrometheusText(readFileSync(metrics, 'utf8')));
  };

  beforeAll(() => {
    folder = scratchFolder('told');
    [log, metrics] = [join(folder, 'log/wrapper.log'), join(folder, 'metrics/ociwrap.prom')];
    for (const name of ['log', 'metrics']) mkdirSync(join(folder, name));
    program = join(folder, 'oci-runtime-wrapper');
    symlinkSync(wrapper, program);
    bundles.passed = bundleOf(specOf(''));
    bundles.refused = bundleOf(specOf('', { annotations: { [TRIGGER]: 'nowhere' } }));
    machine = configuredMachine({
      'config.toml': `log = { file = "${log}", level = "debug", max-size = "${MAX_SIZE}B", keep = 50 }
metrics.file = "${metrics}"
`,
    });
    for (let round = 0; round < ROUNDS; round += 1) {
      run(Array.from({ length: OF_A_ROUND }, (_, index) => round * OF_A_ROUND + index));
    }
    // And one behind them, alone.
    run([ROUNDS * OF_A_ROUND]);
  }, 120_000);

  test('some were killed, and all others ended as ever', () => {
    expect(ended.size).toBeLessThan(ROUNDS * OF_A_ROUND);
    for (const [number, isRefused] of ended) {
      expect({ number, isRefused }).toEqual({ number, isRefused: number % 3 === 0 });
    }
    for (let number = 0; number <= ROUNDS * OF_A_ROUND; number += 2)
      expect([...ended.keys()]).toContain(number);
  });

  describe('the log', () => {
    const files = () =>
      readdirSync(join(folder, 'log')).map((name) => readFileSync(join(folder, 'log', name), 'utf8'));

    test('has one whole record of each that was not killed, and at most one of the others', () => {
      const lines = files().flatMap((text) => text.split('\n').slice(0, -1));
      const ids = lines.map((line) => JSON.parse(line)).filter(({ decision }) => decision !== undefined);
      const counts = new Map<number, number>();
      for (const { id } of ids) counts.set(Number(id.slice(1)), (counts.get(Number(id.slice(1))) ?? 0) + 1);
      expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
      expect([...ended.keys()].filter((number) => !counts.has(number))).toEqual([]);
    });

    test('was rotated many times, and nothing else is beside it', () => {
      expect(readdirSync(join(folder, 'log')).every((name) => /^wrapper\.log(\.\d+)?$/.test(name))).toBe(
        true,
      );
      expect(files().length).toBeGreaterThan(3);
      for (const text of files()) expect(text.length).toBeLessThan(MAX_SIZE + OF_A_ROUND * 1024);
      expect(statSync(log).mode & 0o777).toBe(0o600);
    });
  });

  describe('the metrics', () => {
    test('never go down', () => {
      for (const [at, samples] of seen.entries()) {
        for (const [name, value] of seen[at - 1] ?? []) {
          expect({ name, value: samples.get(name) }).toEqual({
            name,
            value: Math.max(value, samples.get(name) ?? -1),
          });
        }
      }
    });

    test('have each call once: those that were not killed, and no more than were made', () => {
      const last = seen.at(-1) ?? new Map<string, number>();
      const calls = totalOf(last, 'ociwrap_calls_total');
      const dropped = last.get('ociwrap_dropped_calls_total') ?? Number.NaN;
      expect(calls + dropped).toBeGreaterThanOrEqual(ended.size);
      expect(calls + dropped).toBeLessThanOrEqual(ROUNDS * OF_A_ROUND + 1);
      expect(last.get('ociwrap_call_duration_seconds_count')).toBe(calls);
      const refused = [...last]
        .filter(([name]) => /decision="refuse"/.test(name))
        .reduce((sum, [, n]) => sum + n, 0);
      expect(totalOf(last, 'ociwrap_errors_total')).toBe(refused);
    });

    test('leave two files, of which the collector reads one', () => {
      expect(readdirSync(join(folder, 'metrics')).sort()).toEqual(['ociwrap.prom', 'ociwrap.prom.lock']);
    });
  });
});
