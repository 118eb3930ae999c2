import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, test } from '@jest/globals';

import { describeWith, program } from './programs.js';
import { imageWithOrigin, leftOf, type Mounted, rootedBundle, startable } from './rooted-bundle.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** Fifty take two minutes: docs/reliability.md says of how many its figures are. */
const VOLUMES = Number(process.env['OCIWRAP_LOAD_VOLUMES'] ?? 12);
/** Starts on each of them, all at the same time. */
const STARTS = 4;

/** What a container does on its root, and how many have done so. */
interface Counting {
  readonly strategy: Mounted;
  readonly script: string;
  readonly count: (disk: string) => number;
}

/** Containers may share a volume, as they may any other: each leaves a file. */
const sharing: Counting = {
  strategy: 'replace',
  script: 'echo > /ran-$(cat /proc/sys/kernel/random/uuid) && sleep 0.05 && echo counted',
  count: (disk) => readdirSync(disk).filter((name) => name.startsWith('ran-')).length,
};

/**
 * A folder is made by one container alone, and one that finds it there is not alone; a count that another has read too is one too
 * low in the end.
 */
const alone: Counting = {
  strategy: 'overlay',
  script: `
/bin/busybox mkdir /running || echo together
count=$(cat /count 2>/dev/null || echo 0)
sleep 0.05
echo $((count + 1)) > /count
/bin/busybox rmdir /running
echo counted`,
  count: (disk) => Number(readFileSync(join(disk, 'upper/count'), 'utf8')),
};

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

for (const runtime of ['crun', 'runc']) {
  describeWith([runtime, 'busybox'], `${VOLUMES * STARTS} starts at a time with ${runtime}`, () => {
    test('replace: each starts', async () => {
      const all = await runsOf(runtime, sharing);
      expect(all.flatMap(({ faults }) => faults)).toEqual([]);
      for (const { started, count } of all)
        expect({ started, count }).toEqual({ started: STARTS, count: STARTS });
    }, 600_000);

    test('overlay: one at a time on each volume, and the others are told so', async () => {
      const all = await runsOf(runtime, alone);
      expect(all.flatMap(({ faults }) => faults)).toEqual([]);
      for (const { started, refused, count } of all) {
        expect({ ended: started + refused, count }).toEqual({ ended: STARTS, count: started });
        expect(started).toBeGreaterThan(0);
      }
    }, 600_000);
  });
}

interface VolumeRuns {
  readonly started: number;
  readonly refused: number;
  /** How many have counted. */
  readonly count: number;
  /** What did not end well, what is left, and a volume that does not start once more. */
  readonly faults: readonly string[];
}

const isStarted = ({ stdout }: Run) => stdout === 'counted\n';
const isRefused = ({ status, stderr }: Run) => status !== 0 && stderr.includes('[ERR_VOLUME_IN_USE]');

async function runsOf(
  runtime: string,
  { strategy, script, count }: Counting,
): Promise<readonly VolumeRuns[]> {
  const state = scratchFolder('state');
  const env = {
    PATH: process.env['PATH'] ?? '',
    SGS_RUNC_PATH: program(runtime),
    OCIWRAP_LOG_FILE: '/dev/null',
  };
  const image = imageWithOrigin();
  const volumes = Array.from({ length: VOLUMES }, () => rootedBundle(strategy, script, image));
  const start = (bundle: string, id: string) =>
    startable('--root', join(state, 'runtime'), 'run', '--bundle', bundle, id);
  const calls = volumes.map((volume, index) =>
    Array.from({ length: STARTS }, (_, nth) => start(volume.another(), `load-${index}-${nth}`)),
  );
  const before = openDescriptors();
  const ended = await Promise.all(
    calls.map((each) => Promise.all(each.map(([file, args]) => run(file, args, env)))),
  );
  expect(openDescriptors()).toBe(before);
  return volumes.map((volume, index) => {
    const runs = ended[index] ?? [];
    const counted = count(volume.volume.disk);
    const left = leftOf(volume);
    const again = runProgram(...start(volume.bundle, `again-${index}`), { env });
    return {
      started: runs.filter(isStarted).length,
      refused: runs.filter(isRefused).length,
      count: counted,
      faults: [
        ...runs.filter((each) => !isStarted(each) && !isRefused(each)).map(told),
        ...left,
        ...(isStarted(again) && count(volume.volume.disk) === counted + 1 ? [] : [`then ${told(again)}`]),
      ],
    };
  });
}

const told = ({ status, stdout, stderr }: Run) => `${status}: ${stdout}${stderr}`;

async function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { status, stdout, stderr };
}

const openDescriptors = () => readdirSync('/proc/self/fd').length;
