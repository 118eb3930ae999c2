import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';
import type { Mount, Spec } from '@opencontainers-ts/runtime-spec';

import { busyboxRoot, type KubeletVolume } from './kubelet-volume.js';
import { onNode } from './programs.js';
import { scratchFolder } from './scratch.js';

export const TRIGGER = 'sgs.snucse.org/os-volume';

/** What a container of these tests is made of. It always has a mount namespace: without one runc mounts onto the machine. */
export function specOf(script: string, more: Partial<Spec> = {}): Spec {
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/sh', '-c', script],
      env: ['PATH=/bin'],
      cwd: '/',
      noNewPrivileges: true,
    },
    root: { path: busyboxRoot('image') },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
    ],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }, { type: 'network' }],
    },
    ...more,
  };
}

/** The mount of a claim, as containerd writes it. */
export function mountOf(volume: KubeletVolume, destination = '/mnt/boot', access: 'ro' | 'rw' = 'rw'): Mount {
  return { destination, type: 'bind', source: volume.path, options: ['rbind', 'rprivate', access] };
}

/** The same container with the claim mounted and the annotation that makes it the root. */
export function withPvcRoot(spec: Spec, volume: KubeletVolume, value = volume.name): Spec {
  return {
    ...spec,
    mounts: [...(spec.mounts ?? []), mountOf(volume)],
    annotations: {
      'io.kubernetes.cri.sandbox-uid': volume.podUid,
      [TRIGGER]: value,
    },
  };
}

/** A bundle folder with this config.json: a spec, or the very text. */
export function bundleOf(spec: Spec | string): string {
  const bundle = scratchFolder('bundle');
  writeFileSync(join(bundle, 'config.json'), typeof spec === 'string' ? spec : JSON.stringify(spec), {
    mode: 0o644,
  });
  mkdirSync(join(bundle, 'rootfs'));
  return bundle;
}

/** What a config.json says of its root: where it is, and which volume it is made of, by the folder of that. */
export function rootOf(bundle: string): { readonly path: string; readonly volume: string | undefined } {
  const { root, annotations } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as Spec;
  return { path: root?.path ?? '', volume: annotations?.['sgs.snucse.org/boot-volume'] };
}

/** Where the root of a container is once a volume is: mounted; on Node.js, which cannot mount, it is the volume's own path. */
export const rootPathOf = ({ path }: KubeletVolume): string => (onNode ? path : ROOT_FOLDER);

/** What `config.json` says then. */
export const mountedRoot = (volume: KubeletVolume) => ({ path: rootPathOf(volume), volume: volume.path });

/** The same where it cannot: the runtime opens the volume by its path. */
export const rootByPath = ({ path }: KubeletVolume) => ({ path, volume: path });

/** Everything of a config.json that an untouched call must leave as it is. */
export function configState(bundle: string): { bytes: string; ino: bigint; mtimeNs: bigint; mode: bigint } {
  const path = join(bundle, 'config.json');
  const { ino, mtimeNs, mode } = statSync(path, { bigint: true });
  return { bytes: readFileSync(path, 'latin1'), ino, mtimeNs, mode };
}
