import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { type Actions, declarativeRule } from '@opencontainers-ts/rootfs-rewriter';

import { hostFile, runDeclared } from './declared-container.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

const V1 = '/sys/fs/cgroup';
const isVersion2 = existsSync(join(V1, 'cgroup.controllers'));

/** A hook that copies files of the container's own cgroup to the host: its pid is in the state it is given. */
function cgroupReader(folder: string, files: Readonly<Record<string, string>>): string {
  const copies = Object.entries(files).map(([controller, file]) => {
    const line = isVersion2 ? '0::' : `:${controller}:`;
    const top = isVersion2 ? V1 : join(V1, controller);
    return `path=$(grep '${line}' /proc/$pid/cgroup | cut -d: -f3); echo "$path" > "${folder}/path"; cat "${top}$path/${file}" > "${folder}/${controller}"`;
  });
  return hostFile(
    'reader',
    `#!/bin/sh\npid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')\n${copies.join('\n')}\n`,
  );
}

describeWith(['runc', 'busybox', 'sed'], 'limits that a rule sets', () => {
  const files = isVersion2
    ? { memory: 'memory.max', pids: 'pids.max', cpu: 'cpu.max', cpuset: 'cpuset.cpus' }
    : { memory: 'memory.limit_in_bytes', pids: 'pids.max', cpu: 'cpu.cfs_quota_us', cpuset: 'cpuset.cpus' };

  function limits(path?: string): Record<string, string> {
    const folder = scratchFolder('cgroup');
    const reader = cgroupReader(folder, files);
    const limited = declarativeRule({
      name: 'limited',
      then: {
        ...(path === undefined ? {} : { cgroupsPath: path }),
        resources: {
          cpu: { quota: 50_000, period: 100_000, cpus: '0' },
          memory: { limit: 64n * 1024n * 1024n },
          pids: { limit: 33 },
        },
      },
    });
    const looking = declarativeRule({
      name: 'looking',
      then: {
        hooks: { createRuntime: { append: [{ path: reader, env: { PATH: '/usr/bin:/bin' } }] } },
      },
    });
    const rules = path === undefined ? [looking] : [limited, looking];
    expect(runDeclared('runc', { script: 'true' }, rules)).toMatchObject({ status: 0, stderr: '' });
    const names = [...Object.keys(files), 'path'];
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8').trim()]));
  }

  test('cpu, memory, pids and the place of the cgroup', () => {
    const path = `/ociwrap-declared-${process.pid}`;
    const expected = {
      memory: '67108864',
      pids: '33',
      cpu: isVersion2 ? '50000 100000' : '50000',
      cpuset: '0',
      path: expect.stringMatching(new RegExp(`${path}$`)),
    };
    expect(limits(path)).toEqual(expected);
    const plain = limits();
    for (const [name, value] of Object.entries(expected)) {
      expect([name, plain[name]]).not.toEqual([name, value]);
    }
  });
});

// On a machine of version 1 too the unified hierarchy is there, with the controllers that no hierarchy of version 1 has.
const IN_VERSION_2 = [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  `mount -t cgroup2 none ${V1} && exec "$@"`,
  'sh',
];

describeWith(
  ['runc', 'busybox', 'cat'],
  'limits that a rule sets where cgroups are those of version 2',
  () => {
    const cgroup = `/ociwrap-unified-${process.pid}`;
    const pageSize = '2MB';

    function seen(file: string, resources: NonNullable<Actions['resources']>): string {
      const copy = join(scratchFolder('cgroup'), 'copy');
      const reader = hostFile('reader', `#!/bin/sh\ncat "${V1}${cgroup}/${file}" > "${copy}"\n`);
      const then: Actions = {
        cgroupsPath: cgroup,
        hooks: { createRuntime: { append: [{ path: reader, env: { PATH: '/usr/bin:/bin' } }] } },
      };
      const rules = [
        declarativeRule({ name: 'looking', then }),
        ...(Object.keys(resources).length === 0
          ? []
          : [declarativeRule({ name: 'limited', then: { resources } })]),
      ];
      const ended = runDeclared('runc', { script: 'true', within: IN_VERSION_2 }, rules);
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      return readFileSync(copy, 'utf8').trim();
    }

    test('unified', () => {
      const file = 'cgroup.max.depth';
      expect(seen(file, {})).toBe('max');
      expect(seen(file, { unified: { set: { [file]: '3' } } })).toBe('3');
    });

    test('hugepages', () => {
      const file = `hugetlb.${pageSize}.max`;
      expect(seen(file, { hugepages: { set: { [pageSize]: 0 } } })).toBe('0');
      expect(seen(file, { hugepages: { set: { [pageSize]: 4n * 1024n * 1024n } } })).toBe('4194304');
    });
  },
);
