import { monitorEventLoopDelay } from 'node:perf_hooks';

import { expect, test } from '@jest/globals';
import { Container } from '@opencontainers-ts/runtime-client';

import { clientMachine, descriptorsSince, ownDescriptors, RUNTIMES, type Runtime } from './client-machine.js';
import { describeWith } from './programs.js';

/** How many at the same time. A sandbox of runsc is a machine of its own. */
const WANTED = process.env['OCIWRAP_CLIENT_CONTAINERS'];
const COUNTS: Readonly<Record<Runtime, number>> = { runc: 12, crun: 4, runsc: 2 };

for (const runtime of RUNTIMES) {
  const count = WANTED === undefined ? COUNTS[runtime] : Number(WANTED);
  describeWith([runtime, 'busybox'], `${count} containers at a time with ${runtime}`, () => {
    test('are created, started, entered, killed and destroyed, and nothing of them is left', async () => {
      const machine = clientMachine(runtime);
      const { client, store } = machine;
      await client.version();
      const before = ownDescriptors();
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const began = performance.now();
      const ends = await Promise.all(
        Array.from({ length: count }, async (_, number) => {
          const bundle = machine.bundle('exec sleep 1000');
          const container = await Container.run(client, { id: `load-${number}`, bundle, store });
          const end = container.wait();
          const { exit } = await container.exec({ args: ['/bin/sh', '-c', 'exit 3'], stdio: 'ignore' });
          const entered = await exit;
          await container.signal('SIGKILL');
          const killed = await end;
          await container.destroy();
          return { entered, killed };
        }),
      );
      const took = performance.now() - began;
      delay.disable();
      const killed = runtime === 'runsc' ? { exitCode: 128 + 9 } : { signal: 'SIGKILL' };
      expect(ends).toEqual(Array(count).fill({ entered: { exitCode: 3 }, killed }));
      expect(machine.left()).toEqual([]);
      expect(descriptorsSince(before)).toEqual([]);
      const [longest, most] = [delay.max, delay.percentile(99)].map((each) => (each / 1e6).toFixed(0));
      process.stderr.write(
        `${count} containers with ${runtime} in ${(took / 1000).toFixed(1)} s; the event loop was late by at most ${longest} ms, in 99 of 100 cases by ${most} ms\n`,
      );
    }, 600_000);
  });
}
