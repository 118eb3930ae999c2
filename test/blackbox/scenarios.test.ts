import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';
import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';

import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { describeWith, wrapper } from './programs.js';
import { configOf, ScenarioRun, type ScenarioRuntime } from './scenario-run.js';
import { scenarios } from './scenarios.js';
import { scratchFolder } from './scratch.js';

const runtimes: readonly ScenarioRuntime[] = [
  { name: 'runc', globals: [] },
  // crun refuses to start where a cgroup2 mount stands beside cgroup v1.
  {
    name: 'crun',
    globals: [],
    within: [
      ...['unshare', '--mount', '--propagation', 'slave'],
      ...['sh', '-c', 'umount /sys/fs/cgroup/unified; exec "$@"', 'sh'],
    ],
  },
  { name: 'runsc', globals: ['--network=none'], isSilent: true },
];

for (const runtime of runtimes) {
  describeWith(
    [runtime.name, 'busybox'],
    `${runtime.name} says and leaves the same behind the wrapper`,
    () => {
      let volume: KubeletVolume;
      beforeAll(() => {
        volume = kubeletVolume();
      });

      const ours = scenarios.filter(({ runtimes: named = ['runc', 'crun'] }) => named.includes(runtime.name));
      test.each(ours.map((scenario) => [scenario.title, scenario] as const))('%s', (_title, scenario) => {
        const place = {
          folder: join(scratchFolder('scenario'), 'place'),
          id: `scenario-${runtime.name}-${process.pid}`,
          volume,
        };
        const run = new ScenarioRun(runtime, place);
        const before = configOf(scenario, place);
        const wrapped = run.run(wrapper, scenario, before);
        const after = run.config();
        // A rewritten config.json is what the bare runtime is given, with the volume itself where the root was mounted; any other
        // must not have changed. It is called by its name, as the wrapper calls it.
        const byPath = <T extends string | null>(text: T) =>
          (text === null ? null : text.replaceAll(ROOT_FOLDER, volume.path)) as T;
        expect(after !== before).toBe(scenario.triggered === true);
        const bare = run.run(runtime.name, scenario, byPath(after));
        expect(JSON.parse(byPath(JSON.stringify(wrapped)))).toEqual(bare);
      });
    },
  );
}
