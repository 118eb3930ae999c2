import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf } from './bundle.js';
import { hasCriu, WITHOUT_BREAKPOINTS } from './criu.js';
import { engineHost } from './engine-host.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { ROOT_RUNTIMES, RootCaller, rootSpec, topOf, volumeOf } from './root-container.js';
import { waitUntil } from './wait-until.js';

/** Counts in memory, and shows it. */
const COUNTING = 'i=0; while :; do i=$((i+1)); echo $i >>/count; sleep 0.05; done';

/** CRIU would lock the network by iptables. */
const change = (spec: Spec): Spec => ({
  ...spec,
  linux: {
    ...spec.linux,
    namespaces: spec.linux?.namespaces?.filter(({ type }) => type !== 'network') ?? [],
  },
});

const STRATEGIES = ['overlay', 'replace', 'seed'] as const;

if (hasCriu) {
  describeWith(
    ['runc', 'criu', 'busybox', 'nsenter'],
    'a container that is checkpointed and restored',
    () => {
      const host = engineHost();
      const [runc] = ROOT_RUNTIMES;

      test.each(STRATEGIES)('%s: it goes on where it was, on the same root', (strategy) => {
        const caller = new RootCaller(host, runc);
        const id = `checkpoint-${strategy}`;
        const volume = volumeOf(host, strategy === 'replace' ? busyboxRoot('volume') : undefined);
        const bundle = bundleOf(rootSpec({ volume, strategy, script: COUNTING, change }));
        const [image, work] = ['image', 'work'].map((name) => join(caller.folder, name)) as [string, string];
        for (const folder of [image, work]) mkdirSync(folder);
        const count = () =>
          Number(
            readFileSync(join(topOf(volume, strategy), 'count'), 'utf8')
              .trimEnd()
              .split('\n')
              .at(-1),
          );
        const before = host.mounts();

        const started = caller.call(['run', '--detach', '--bundle', bundle, id]);
        expect(started).toMatchObject({ status: 0 });
        waitUntil('it counts', () => {
          try {
            return count() > 3;
          } catch {
            return false;
          }
        });
        const folders = ['--image-path', image, '--work-path', work];
        expect(caller.call(['checkpoint', ...folders, id], { env: WITHOUT_BREAKPOINTS })).toMatchObject({
          status: 0,
        });
        const kept = count();
        expect(host.mounts()).toEqual(before);

        const restored = caller.call(['restore', '--detach', '--bundle', bundle, ...folders, id], {
          env: WITHOUT_BREAKPOINTS,
        });
        expect(restored).toMatchObject({ status: 0 });
        waitUntil('it goes on', () => count() > kept);
        expect(JSON.parse(caller.call(['state', id]).stdout)).toMatchObject({
          status: 'running',
          rootfs: '/run/ociwrap/root',
        });
        expect(host.mounts()).toEqual(before);
        expect(caller.call(['delete', '--force', id])).toMatchObject({ status: 0 });
        expect(host.mounts()).toEqual(before);
      });
    },
  );
} else {
  test('there is no CRIU that could checkpoint a container', () => {
    expect(spawnSync('criu', ['--version']).error).toMatchObject({ code: 'ENOENT' });
  });
}
