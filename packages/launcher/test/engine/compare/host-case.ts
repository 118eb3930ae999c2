import type { Host } from '@opencontainers-ts/rootfs-rewriter';
import { type MemoryHostOptions, memoryHost, pvcPath } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { FileSystem } from '../../../../runtime-resolver/src/index.js';

import { cdiBytes } from './cdi-case.js';
import { PODS, VOLUMES } from './names.js';
import type { Random } from './random.js';

/** A machine: which volumes are mounted, which devices there are, which CDI specs, which runtimes. */
export function hostOptions(random: Random): MemoryHostOptions {
  const places = PODS.flatMap((podUid) =>
    VOLUMES.flatMap((volume) => [pvcPath({ podUid, volume }), pvcPath({ podUid, volume, plugin: 'nfs' })]),
  );
  const [mounted, folders] = [1, 2].map(() => places.filter(() => !random.oneIn(3)));
  const runtimes = ['runc', 'crun', 'runsc', 'nvidia-container-runtime', 'youki'].filter(
    (name) => name === 'runc' || !random.oneIn(3),
  );
  const programs = [
    ...runtimes.map((name) => `/usr/bin/${name}`),
    '/bin/hook',
    '/usr/bin/nvidia-cdi-hook',
  ].filter(() => !random.oneIn(20));
  const specs: [string, Uint8Array][] = random.oneIn(3)
    ? random
        .some(
          3,
          () =>
            random.pick(['/etc/cdi/v.yaml', '/etc/cdi/w.json', '/var/run/cdi/v.json', '/etc/cdi/n.yml']) ??
            '',
        )
        .map((path) => [
          path,
          cdiBytes(random, random.pick(['v.com/c', 'v.com/c', 'w.com/c', 'nvidia.com/gpu'])),
        ])
    : [];
  return {
    files: {
      ...Object.fromEntries(programs.map((path) => [path, '\x7fELF'])),
      ...Object.fromEntries(specs),
      '/etc/seccomp.json': random.pick([
        '{"defaultAction":"SCMP_ACT_ALLOW"}',
        '{"x":',
        '[]',
        '{"defaultAction":3}',
      ]),
    },
    directories: folders ?? [],
    mounts: (mounted ?? []).map((mountPoint) => ({
      mountPoint,
      options: random.oneIn(10)
        ? ['ro', 'relatime']
        : random.oneIn(10)
          ? ['rw', 'noexec']
          : ['rw', 'relatime'],
    })),
    devices: [
      { path: '/dev/null', kind: 'character', major: 1, minor: 3 },
      { path: '/dev/disk', kind: 'block', major: 8, minor: 1 },
      ...(random.oneIn(2) ? [{ path: '/dev/kvm', kind: 'character' as const, major: 10, minor: 232 }] : []),
    ],
    symlinks: random.oneIn(5) ? { '/var/run/cdi/link.json': '/etc/cdi/w.json', '/a/link': '../data' } : {},
    access: {
      ...Object.fromEntries(programs.map((path) => [path, { mode: random.oneIn(30) ? 0o644 : 0o755 }])),
      ...(random.oneIn(12) ? { '/etc/cdi': { mode: 0o777 } } : {}),
    },
    failures: random.oneIn(12)
      ? {
          [random.pick([...places, '/etc/cdi', '/dev/kvm', '/usr/bin/crun', '/var/lib/kubelet']) ?? '/x']:
            random.pick(['EACCES', 'EIO', 'ESTALE', 'ENOTCONN']),
        }
      : {},
  };
}

/** A machine, and how to make it. */
export interface Machine {
  readonly options: MemoryHostOptions;
  readonly host: Host & FileSystem;
}

/** A machine for some cases. */
export function machineOf(random: Random): Machine {
  const options = hostOptions(random);
  return { options, host: hostOf(options) };
}

/** The machine, as rules and as the resolver see it. */
function hostOf(options: MemoryHostOptions): Host & FileSystem {
  const host = memoryHost(options);
  return {
    ...host,
    stat: (path) => {
      const real = host.realpath(path);
      const entry = real === undefined ? undefined : host.lstat(real);
      if (entry === undefined) return undefined;
      const { dev, ino, type, uid, mode } = entry;
      return {
        dev,
        ino,
        uid,
        mode,
        isFile: type === 'file',
        isDirectory: type === 'directory',
        executable: (mode & 0o111) !== 0,
      };
    },
    head: (path, bytes) => host.readFile(path)?.subarray(0, bytes) ?? new Uint8Array(),
  };
}
