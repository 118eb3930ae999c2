import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { expect, test } from '@jest/globals';
import { bundleRules } from '@opencontainers-ts/cli';
import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { Container, RuntimeClient } from '@opencontainers-ts/runtime-client';

import { bundleOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { clientMachine } from './client-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';

/** A container that prints which root it has, and its volume, which has to become that root. */
function bundleOnVolume(asked?: string) {
  const volume = kubeletVolume();
  writeFileSync(join(volume.disk, 'etc/origin'), 'volume\n');
  return { volume, bundle: bundleOf(withPvcRoot(specOf('cat /etc/origin'), volume, asked)) };
}

const configOf = (bundle: string) => readFileSync(join(bundle, 'config.json'), 'utf8');

for (const runtime of ['runc', 'crun'] as const) {
  describeWith([runtime, 'busybox'], `a client of ${runtime} that has rules`, () => {
    const { options, store } = clientMachine(runtime);
    const client = new RuntimeClient({ ...options, rules: bundleRules({ rules: [pvcRootfs()] }) });
    const id = `rewritten-${process.pid}`;

    test('runs a container on its volume, without a wrapper', async () => {
      const { bundle, volume } = bundleOnVolume();
      const program = await client.run(id, { bundle, stdio: ['ignore', 'pipe', 'inherit'] });
      expect(program.plan).toMatchObject({ decision: 'rewrite', facts: { newRoot: volume.path } });
      expect(await text(program.stdout as Readable)).toBe('volume\n');
      expect(await program.exit).toEqual({ exitCode: 0 });
      expect(await client.list()).toEqual([]);
    });

    test('creates one, which leaves nothing', async () => {
      const { bundle, volume } = bundleOnVolume();
      const container = await Container.create(client, {
        id,
        bundle,
        store,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      expect(container.plan).toMatchObject({ decision: 'rewrite', facts: { newRoot: volume.path } });
      const printed = text(container.stdout as Readable);
      await container.start();
      expect(await container.wait()).toEqual({ exitCode: 0 });
      expect(await printed).toBe('volume\n');
      await container.destroy();
      expect(await client.list()).toEqual([]);
    });

    test.each([
      ['rules refuse', 'no-such-volume', {}, 'ERR_VOLUME_NOT_FOUND'],
      ['needs the wrapper to mount its root', undefined, { strategy: 'overlay' }, 'ERR_ROOT_NAMESPACE'],
    ] as const)('does not start one that %s', async (_what, asked, rule, code) => {
      const { bundle } = bundleOnVolume(asked);
      expect(configOf(bundle)).toContain(TRIGGER);
      const before = configOf(bundle);
      const refusing = new RuntimeClient({ ...options, rules: bundleRules({ rules: [pvcRootfs(rule)] }) });
      for (const make of [
        () => refusing.create(id, { bundle }),
        () => refusing.run(id, { bundle }),
        () => Container.run(refusing, { id, bundle, store }),
      ]) {
        await expect(make()).rejects.toMatchObject({ code });
      }
      expect(await client.list()).toEqual([]);
      expect(await store.list()).toEqual([]);
      expect(configOf(bundle)).toBe(before);
    });
  });
}
