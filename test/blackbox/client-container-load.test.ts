import { monitorEventLoopDelay } from 'node:perf_hooks';

import { expect, test } from '@jest/globals';
import { Container } from '@opencontainers-ts/runtime-client';

import { clientMachine, ownDescriptors, RUNTIMES, type Runtime } from './client-machine.js';
import { describeWith } from './programs.js';

/** How many at the same time. The other runtimes show nothing more of this package; a sandbox of runsc is a machine of its own. */
const WANTED = Number(process.env['OCIWRAP_CLIENT_CONTAINERS'] ?? 30);
const COUNTS: Readonly<Record<Runtime, number>> = {
  runc: WANTED,
  crun: Math.ceil(WANTED / 3),
  runsc: Math.ceil(WANTED / 10),
};

for (const runtime of RUNTIMES) {
  const count = COUNTS[runtime];
  describeWith([runtime, 'busybox'], `${count} containers at a time with ${runtime}`, () => {
    test('are created, started, killed and destroyed, and nothing of them is left', async () => {
      const machine = clientMachine(runtime);
      const { client, store } = machine;
      await client.version();
      const before = ownDescriptors();
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const began = performance.now();
      const ends = await Promise.all(
        Array.from({ length: count }, async (_, number) => {
          const bundle = machine.bundle('exec sleep 100');
          const container = await Container.run(client, { id: `load-${number}`, bundle, store });
          const end = container.wait();
          await container.signal('SIGKILL');
          const status = await end;
          await container.destroy();
          return status;
        }),
      );
      const took = performance.now() - began;
      delay.disable();
      const killed = runtime === 'runsc' ? { exitCode: 128 + 9 } : { signal: 'SIGKILL' };
      expect(ends).toEqual(Array(count).fill(killed));
      expect(machine.left()).toEqual([]);
      expect(ownDescriptors()).toEqual(before);
      const longest = delay.max / 1e6;
      process.stderr.write(
        `${count} containers with ${runtime} in ${(took / 1000).toFixed(1)} s; the event loop was late by at most ${longest.toFixed(0)} ms\n`,
      );
      // Starting a process holds the loop until its execve. To wait for the runtimes there would take as long as all of it.
      expect(longest).toBeLessThan(took / 4);
    }, 300_000);
  });
}
