import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { Container } from '@opencontainers-ts/runtime-client';

import { canCheckpoint, clientMachine, inHostNetwork, ownDescriptors } from './client-machine.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

for (const runtime of ['runc', 'crun'] as const) {
  describeWith([runtime, 'busybox'], `limits and statistics with ${runtime}`, () => {
    test('limits are changed, and statistics tell of them', async () => {
      const machine = clientMachine(runtime);
      const { client, store } = machine;
      await client.version();
      const before = ownDescriptors();
      const container = await Container.run(client, {
        id: 'limited',
        bundle: machine.bundle('exec sleep 100'),
        store,
      });
      await container.update({ pids: { limit: 57 } });
      if (runtime === 'runc') {
        const told = { type: 'stats', id: 'limited', data: { pids: { current: 1, limit: 57 } } };
        expect(await container.stats()).toMatchObject(told);
        for await (const event of container.events({ interval: 1 })) {
          expect(event).toMatchObject(told);
          break;
        }
      } else {
        await expect(container.stats()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' });
        await expect(container.events().next()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' });
      }
      await container.destroy();
      expect(machine.left()).toEqual([]);
      expect(ownDescriptors()).toEqual(before);
    }, 60_000);
  });
}

/** What has saved a container has ended it: runc has deleted it then. */
const SAVED = { runc: undefined, runsc: 'stopped' } as const;

for (const runtime of ['runc', 'runsc'] as const) {
  if (!canCheckpoint(runtime)) continue;
  describeWith([runtime, 'busybox'], `a checkpoint with ${runtime}`, () => {
    test('is saved, and restored with a record of its own', async () => {
      const machine = clientMachine(runtime);
      const { client, store } = machine;
      await client.version();
      const before = ownDescriptors();
      const bundle = machine.bundle('trap "exit 6" TERM; while :; do sleep 0.1; done', inHostNetwork);
      const saved = await Container.run(client, { id: 'saved', bundle, store });
      const imagePath = join(scratchFolder('checkpoint'), 'image');
      mkdirSync(imagePath);
      const work = runtime === 'runc' ? { workPath: imagePath } : {};
      await saved.checkpoint({ imagePath, ...work });
      const status = SAVED[runtime];
      if (status === undefined)
        await expect(saved.state()).rejects.toMatchObject({ code: 'ERR_CONTAINER_MISSING' });
      else expect(await saved.state()).toMatchObject({ status });
      await saved.destroy();
      expect(machine.left()).toEqual([]);

      const again = { id: 'saved', bundle, imagePath, store, ...work };
      const container = await Container.restore(client, again);
      expect(await container.state()).toMatchObject({ id: 'saved', status: 'running' });
      expect(await store.read('saved')).toMatchObject({ step: 'started', bundle });
      await expect(Container.restore(client, again)).rejects.toMatchObject({ code: 'ERR_CONTAINER_EXISTS' });
      const end = container.wait();
      await container.signal('SIGTERM');
      expect(await end).toEqual({ exitCode: 6 });
      await container.destroy();

      await expect(
        Container.restore(client, { ...again, imagePath: `${imagePath}/none` }),
      ).rejects.toMatchObject({ code: 'ERR_RUNTIME_CALL' });
      expect(machine.left()).toEqual([]);
      expect(ownDescriptors()).toEqual(before);
    }, 60_000);
  });
}
