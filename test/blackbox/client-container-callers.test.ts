import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

import { beforeAll, expect, test } from '@jest/globals';
import { Container, type ContainerStep } from '@opencontainers-ts/runtime-client';

import { clientMachine, RUNTIMES } from './client-machine.js';
import type { CallerOrder } from './container-caller.js';
import { describeWith, root } from './programs.js';
import { scratchFolder } from './scratch.js';

const CALLERS = 8;

/** How many callers are killed at moments spread over what they do, besides those killed at the steps of the record. */
const KILLS = Number(process.env['OCIWRAP_CLIENT_KILLS'] ?? 3);

let caller: string;

beforeAll(() => {
  const folder = scratchFolder('caller');
  caller = join(folder, 'caller.mjs');
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/esbuild/bin/esbuild'),
      join(root, 'test/blackbox/container-caller.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--log-level=error',
      `--outfile=${caller}`,
    ],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  copyFileSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(folder, 'exec_native.node'));
});

for (const runtime of RUNTIMES) {
  describeWith([runtime, 'busybox'], `callers of ${runtime} in processes of their own`, () => {
    const machine = clientMachine(runtime);
    const { client, store, options } = machine;

    const call = (id: string, bundle: string, then: CallerOrder['then']): ChildProcess => {
      const order: CallerOrder = { options, store: store.root, id, bundle, then };
      return spawn(process.execPath, [caller, JSON.stringify(order)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    };

    test(`of ${CALLERS} that create one id, one does, and its container lives`, async () => {
      const bundle = machine.bundle('exec sleep 100');
      const callers = Array.from({ length: CALLERS }, () => call('raced', bundle, []));
      const told = await Promise.all(callers.map(({ stdout }) => text(stdout as never)));
      expect(told.sort()).toEqual([...Array(CALLERS - 1).fill('ERR_CONTAINER_EXISTS\n'), 'done\n']);
      const container = await Container.open(client, 'raced', { store });
      expect(await container.state()).toMatchObject({ status: 'created' });
      await container.start();
      expect(await container.state()).toMatchObject({ status: 'running' });
      await container.destroy();
      expect(machine.left()).toEqual([]);
    }, 120_000);

    test('whatever a caller was killed at, another one destroys all of it', async () => {
      const steps: readonly ContainerStep[] = ['creating', 'created', 'starting', 'started', 'destroying'];
      const reached: ContainerStep[] = [];
      for (const step of steps) {
        const child = call('killed', machine.bundle('exec sleep 100'), ['start', 'destroy']);
        if (await killAt(child, step, join(store.root, 'killed/container.json'))) reached.push(step);
        await Container.destroy(client, 'killed', { store });
        expect({ step, left: machine.left() }).toEqual({ step, left: [] });
      }
      // That it was seen in time; the others are as short as the machine is fast.
      expect(reached).toEqual(expect.arrayContaining(['creating', 'starting', 'destroying']));
    }, 120_000);

    test(`so it is at ${KILLS} moments between them`, async () => {
      const whole = performance.now();
      await once(call('killed', machine.bundle('exec sleep 100'), ['start', 'destroy']), 'close');
      const took = performance.now() - whole;
      const ends = { killed: 0, done: 0 };
      for (let nth = 1; nth <= KILLS; nth += 1) {
        const child = call('killed', machine.bundle('exec sleep 100'), ['start', 'destroy']);
        const ended = once(child, 'exit');
        child.stdout?.resume();
        await Promise.race([sleep((took * nth) / (KILLS + 1)), ended]);
        child.kill('SIGKILL');
        await ended;
        ends[child.signalCode === 'SIGKILL' ? 'killed' : 'done'] += 1;
        await Container.destroy(client, 'killed', { store });
        expect({ nth, left: machine.left() }).toEqual({ nth, left: [] });
      }
      expect(ends.killed).toBeGreaterThan(KILLS / 3);
      process.stderr.write(`${runtime}: ${ends.killed} callers killed in time, ${ends.done} had done all\n`);
    }, 600_000);

    test('a container is waited for by another process than the one that created it', async () => {
      const child = call('left', machine.bundle('sleep 1; exit 3'), ['start']);
      expect(await text(child.stdout as never)).toBe('done\n');
      const container = await Container.open(client, 'left', { store });
      const end = await container.wait();
      // Linux keeps the status for a pidfd since 6.15.
      if (isAtLeast(6, 15)) expect(end).toEqual({ exitCode: 3 });
      else expect(Object.keys(end)).toEqual(['unknown']);
      await container.destroy();
      expect(machine.left()).toEqual([]);
    }, 60_000);

    test('signals are handed on to the container', async () => {
      const script = 'trap "echo told" USR2; trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done';
      const child = call('told', machine.bundle(script), ['forward', 'start', 'wait', 'destroy']);
      let printed = '';
      child.stdout?.on('data', (data: Buffer) => {
        printed += data.toString();
        if (printed.endsWith('ready\n')) child.kill('SIGUSR2');
        if (printed.endsWith('told\n')) child.kill('SIGTERM');
      });
      const [exitCode, signal] = await once(child, 'close');
      expect({ printed, exitCode, signal }).toEqual({
        printed: 'ready\ntold\n{"exitCode":5}\ndone\n',
        exitCode: 0,
        signal: null,
      });
      expect(machine.left()).toEqual([]);
    }, 60_000);
  });
}

/** Kills a caller as soon as the record says this step, and tells whether it was killed at all. */
async function killAt(child: ChildProcess, step: ContainerStep, path: string): Promise<boolean> {
  const ended = once(child, 'exit');
  child.stdout?.resume();
  while (child.exitCode === null && child.signalCode === null) {
    if (stepIn(path) === step) child.kill('SIGKILL');
    await turn();
  }
  await ended;
  return child.signalCode === 'SIGKILL';
}

function stepIn(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { step: string }).step;
  } catch {
    return undefined; // not there yet
  }
}

function isAtLeast(major: number, minor: number): boolean {
  const [ours = 0, itsMinor = 0] = release().split('.').map(Number);
  return ours > major || (ours === major && itsMinor >= minor);
}
