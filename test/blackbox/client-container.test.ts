import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, test } from '@jest/globals';
import { Container } from '@opencontainers-ts/runtime-client';

import { clientMachine, descriptorsSince, ownDescriptors, RUNTIMES } from './client-machine.js';
import { describeWith } from './programs.js';

for (const runtime of RUNTIMES) {
  describeWith([runtime, 'busybox'], `a container with ${runtime}`, () => {
    const machine = clientMachine(runtime);
    const { client, store } = machine;
    const before = ownDescriptors();

    test('is created, started, waited for by many, and destroyed', async () => {
      const bundle = machine.bundle('echo told; exit 7');
      const container = await Container.create(client, { id: 'one', bundle, store, stdio: 'pipe' });
      expect(await container.state()).toMatchObject({ id: 'one', status: 'created', bundle });
      expect(await store.read('one')).toMatchObject({ step: 'created', bundle });
      const waiting = [container.wait(), container.wait()];
      await expect(container.wait({ signal: AbortSignal.timeout(1) })).rejects.toThrow('timeout');
      container.stdin?.end();
      const printed = [container.stdout, container.stderr].map((stream) => text(stream as never));
      await container.start();
      expect(await Promise.all([...waiting, container.wait()])).toEqual(Array(3).fill({ exitCode: 7 }));
      expect(await Promise.all(printed)).toEqual(['told\n', '']);
      expect(await container.state()).toMatchObject({ status: 'stopped' });
      await container.destroy();
      await container.destroy();
      expect(machine.left()).toEqual([]);
      expect(await container.wait()).toEqual({ exitCode: 7 });
    }, 60_000);

    test('is paused, resumed and killed', async () => {
      const container = await Container.run(client, {
        id: 'two',
        bundle: machine.bundle('exec sleep 100'),
        store,
      });
      await container.pause();
      await expect(container.pause()).rejects.toMatchObject({
        code: 'ERR_CONTAINER_STATE',
        details: { status: 'paused', possible: expect.arrayContaining(['running']) },
      });
      await container.resume();
      await expect(container.start()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' });
      await container.signal('SIGKILL');
      expect(await container.wait()).toEqual(
        runtime === 'runsc' ? { exitCode: 128 + 9 } : { signal: 'SIGKILL' },
      );
      await expect(container.signal('SIGKILL')).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' });
      await container.destroy();
      expect(machine.left()).toEqual([]);
    }, 60_000);

    test('is destroyed in each state', async () => {
      const bundle = machine.bundle('exec sleep 100');
      for (const reach of [
        async () => undefined,
        (container: Container) => container.start(),
        (container: Container) => container.start().then(() => container.pause()),
      ]) {
        const container = await Container.create(client, { id: 'three', bundle, store });
        await reach(container);
        await container.destroy();
        expect(machine.left()).toEqual([]);
      }
    }, 60_000);

    test('an id that is taken leaves the container that has it alone', async () => {
      const bundle = machine.bundle('exec sleep 100');
      const container = await Container.run(client, { id: 'four', bundle, store });
      const { init } = (await store.read('four')) ?? {};
      await expect(Container.create(client, { id: 'four', bundle, store })).rejects.toMatchObject({
        code: 'ERR_CONTAINER_EXISTS',
      });
      expect(await container.state()).toMatchObject({ status: 'running', pid: init?.pid });
      expect(await store.read('four')).toMatchObject({ step: 'started', init });
      await container.destroy();
      // The same where only the runtime knows it.
      await client.create('four', { bundle });
      await expect(Container.create(client, { id: 'four', bundle, store })).rejects.toMatchObject({
        code: 'ERR_CONTAINER_EXISTS',
      });
      expect(await client.state('four')).toMatchObject({ status: 'created' });
      await Container.destroy(client, 'four', { store });
      expect(machine.left()).toEqual([]);
    }, 60_000);

    test('one that cannot be created leaves nothing', async () => {
      const bundle = machine.bundle('true');
      writeFileSync(join(bundle, 'config.json'), '{}');
      await expect(Container.create(client, { id: 'five', bundle, store })).rejects.toMatchObject({
        code: 'ERR_RUNTIME_CALL',
      });
      expect(machine.left()).toEqual([]);
    }, 60_000);

    test('with a broken record, or without one, it is destroyed by its id', async () => {
      const bundle = machine.bundle('exec sleep 100');
      const container = await Container.run(client, { id: 'six', bundle, store });
      container.close();
      writeFileSync(join(store.folderOf('six'), 'container.json'), 'broken');
      await expect(Container.open(client, 'six', { store })).rejects.toMatchObject({
        code: 'ERR_CONTAINER_RECORD',
      });
      await Container.destroy(client, 'six', { store });
      expect(machine.left()).toEqual([]);
      await Container.destroy(client, 'six', { store });
    }, 60_000);

    test('is found again by its id, and waited for through each', async () => {
      const bundle = machine.bundle('exec sleep 100');
      const container = await Container.run(client, { id: 'seven', bundle, store });
      const [first, second] = [
        await Container.open(client, 'sev', { store }),
        await Container.open(client, 'seven', { store }),
      ];
      const waiting = [container, first, second].map((each) => each.wait());
      await first.signal('SIGKILL');
      const end = runtime === 'runsc' ? { exitCode: 128 + 9 } : { signal: 'SIGKILL' };
      expect(await Promise.all(waiting)).toEqual([end, end, end]);
      await second.destroy();
      expect(machine.left()).toEqual([]);
      for (const each of [container, first, second]) each.close();
    }, 60_000);

    test('runs further programs, whose processes are its own', async () => {
      const bundle = machine.bundle('exec sleep 100');
      const container = await Container.run(client, { id: 'eight', bundle, store });
      const attached = await container.exec({ args: ['/bin/sh', '-c', 'echo told; exit 4'] });
      const [printed, end] = await Promise.all([text(attached.stdout as never), attached.exit]);
      expect({ printed, end }).toEqual({ printed: 'told\n', end: { exitCode: 4 } });
      await expect(container.signalPid(process.pid, 'SIGKILL')).rejects.toMatchObject({
        code: 'ERR_PROCESS',
      });
      if (runtime !== 'runsc') {
        const detached = await container.exec({ args: ['/bin/sleep', '100'], detach: true });
        expect([...(await container.processes())].sort()).toEqual(
          [(await store.read('eight'))?.init?.pid, detached.pid].sort(),
        );
        await container.signalPid(detached.pid, 'SIGTERM');
        expect(await detached.exit).toEqual({ signal: 'SIGTERM' });
        await expect(container.waitPid(detached.pid)).rejects.toMatchObject({ code: 'ERR_PROCESS' });
      }
      await container.destroy();
      expect(machine.left()).toEqual([]);
    }, 60_000);

    test('no descriptor of this process is left', () => {
      expect(descriptorsSince(before)).toEqual([]);
    });
  });
}
