import { spawnSync } from 'node:child_process';

import { expect, test } from '@jest/globals';
import { Container, ProcessHandle, type ProcessIdentity } from '@opencontainers-ts/runtime-client';

import { clientMachine, ownDescriptors } from './client-machine.js';
import { describeWith } from './programs.js';

describeWith(['runc', 'busybox'], 'a record and what is true', () => {
  const machine = clientMachine('runc');
  const { client, store } = machine;

  test('what was never there is destroyed, as often as it is asked for', async () => {
    for (const _ of [1, 2]) await Container.destroy(client, 'nobody', { store });
    expect(machine.left()).toEqual([]);
    await expect(Container.destroy(client, '../nobody', { store })).rejects.toMatchObject({
      code: 'ERR_CONTAINER_ID',
    });
  });

  test.each([
    ['started at another time', { by: 1n }, false],
    ['after another start of the machine', { bootId: 'another' }, false],
    ['that it is', {}, true],
  ])(
    'the pid of a record is a process %s',
    async (_title, { by = 0n, bootId }: { readonly by?: bigint; readonly bootId?: string }, isItsOwn) => {
      const before = ownDescriptors();
      const created = await Container.create(client, {
        id: 'lost',
        bundle: machine.bundle('true'),
        store,
      });
      const { init } = (await store.read('lost')) ?? {};
      // Past the container, so that its record stays.
      const end = created.wait();
      await client.delete('lost', { force: true });
      expect(await end).toEqual({ signal: 'SIGKILL' });
      created.close();
      const pid = orphan();
      const handle = ProcessHandle.open(pid);
      try {
        const identity: ProcessIdentity = {
          pid,
          startTime: (handle?.startTime ?? 0n) + by,
          bootId: bootId ?? init?.bootId ?? '',
        };
        await store.locked('lost', async (locked) => {
          const record = await locked.read();
          if (record !== undefined) await locked.write({ ...record, init: identity });
        });
        const container = await Container.open(client, 'lost', { store });
        await expect(container.state()).rejects.toMatchObject({ code: 'ERR_CONTAINER_MISSING' });
        // Another one would be waited for in vain.
        const signal = AbortSignal.timeout(5000);
        if (!isItsOwn) expect(Object.keys(await container.wait({ signal }))).toEqual(['unknown']);
        await container.destroy();
        expect(handle?.isAlive()).toBe(!isItsOwn);
        container.close();
      } finally {
        if (!isItsOwn) {
          handle?.signal('SIGKILL');
          await handle?.wait();
        }
        handle?.close();
      }
      expect(machine.left()).toEqual([]);
      expect(ownDescriptors()).toEqual(before);
    },
    60_000,
  );
});

describeWith(['runsc', 'busybox'], 'ids that begin with another', () => {
  test('each container is destroyed by its own id alone', async () => {
    const machine = clientMachine('runsc');
    const { client, store } = machine;
    const bundle = machine.bundle('exec sleep 100');
    const longer = await Container.create(client, { id: 'begun-1', bundle, store });
    await Container.destroy(client, 'begun', { store });
    expect(await longer.state()).toMatchObject({ id: 'begun-1', status: 'created' });
    await longer.destroy();
    expect(machine.left()).toEqual([]);
  }, 60_000);
});

/** A process that Node.js does not wait for; this one, the subreaper, is its parent. */
function orphan(): number {
  return Number(spawnSync('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }).stdout);
}
