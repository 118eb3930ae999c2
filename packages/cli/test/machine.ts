import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Host, PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import {
  type MemoryHostOptions,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { FileSystem } from '@opencontainers-ts/runtime-resolver';
import type { Spec } from '@opencontainers-ts/runtime-spec';

export const TRIGGER = 'sgs.snucse.org/os-volume';
export const VOLUME = { podUid: '0d3f2a9c-1111-4222-8333-444455556666', volume: 'pvc-1' };
export const VOLUME_PATH = pvcPath(VOLUME);

/** The wrapper itself, which is no runtime. */
export const SELF: PinnedPath = { path: '/opt/ociwrap/bin/oci-runtime-wrapper', dev: 99n, ino: 1n };

/** A machine in memory with runc and one mounted volume. Bundles are real folders: config.json is read by system call. */
export function machine(options: MemoryHostOptions = {}): Host & FileSystem {
  const host = memoryHost({ mounts: [VOLUME_PATH], files: { '/usr/bin/runc': 'the real one' }, ...options });
  return {
    ...host,
    stat: (path) => {
      const real = host.realpath(path);
      const entry = real === undefined ? undefined : host.lstat(real);
      return (
        entry && {
          dev: entry.dev,
          ino: entry.ino,
          isFile: entry.type === 'file',
          isDirectory: entry.type === 'directory',
          executable: entry.type === 'file',
          uid: 0,
          mode: 0o755,
        }
      );
    },
    head: (path, bytes) => host.readFile(path)?.subarray(0, bytes) ?? new Uint8Array(),
  };
}

export const plainSpec = (): Spec => makeSpec();

/** A spec that asks for a volume, which is mounted at /data. */
export function volumeSpec(asked = VOLUME.volume): Spec {
  return makeSpec(withAnnotation(TRIGGER, asked), withMount(pvcMount({ ...VOLUME, destination: '/data' })));
}

/** A bundle in a folder of its own: a spec, or the text of its config.json as it is. */
export function bundleIn(folder: string, name: string, config: Spec | string): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  writeFileSync(join(dir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return dir;
}
