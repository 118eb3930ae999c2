import { copyFileSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { program } from './programs.js';
import { mount, scratchFolder } from './scratch.js';

export interface KubeletVolume {
  readonly podUid: string;
  readonly name: string;
  /** Where the kubelet mounts it, which is what engines write as a mount's source. */
  readonly path: string;
  /** The folder of the node that is mounted there: what the container writes to its root is seen here. */
  readonly disk: string;
}

/** What a container prints of its root directory. Paths of mounts say less: they begin at the root of a file system. */
export const PRINT_ROOT = "/bin/busybox stat -c 'root %d:%i' /";

/** What `PRINT_ROOT` prints in a container whose root directory is this folder. */
export function printedRoot(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  return `root ${dev}:${ino}\n`;
}

let count = 0;

interface VolumeOptions {
  readonly podUid?: string;
  readonly plugin?: string;
  readonly mounted?: boolean;
  /** Default: one that no other has. */
  readonly name?: string;
  /** Default: a new folder with a busybox system in it. */
  readonly disk?: string;
}

/** A volume as the kubelet lays it out for a CSI driver, mounted, with a busybox system on it. */
export function kubeletVolume(options: VolumeOptions = {}): KubeletVolume {
  count += 1;
  const unique = `${process.pid}-${count}`;
  const podUid = options.podUid ?? `uid-${unique}`;
  const plugin = options.plugin ?? 'csi';
  const name = options.name ?? `pvc-${unique}`;
  const folder = `/var/lib/kubelet/pods/${podUid}/volumes/kubernetes.io~${plugin}/${name}`;
  const path = plugin === 'csi' ? `${folder}/mount` : folder;
  const disk = options.disk ?? busyboxRoot('volume');
  mkdirSync(path, { recursive: true });
  if (plugin === 'csi') {
    writeFileSync(
      `${folder}/vol_data.json`,
      JSON.stringify({ specVolID: name, volumeLifecycleMode: 'Persistent' }),
    );
  }
  if (options.mounted !== false) {
    mount('--bind', disk, path);
  }
  return { podUid, name, path, disk };
}

/** A folder that a container can have as its root. */
export function busyboxRoot(name: string): string {
  const folder = scratchFolder(name);
  for (const directory of ['bin', 'proc', 'dev', 'sys', 'etc', 'tmp', 'mnt']) {
    mkdirSync(join(folder, directory));
  }
  copyFileSync(program('busybox'), join(folder, 'bin/busybox'));
  for (const applet of ['sh', 'cat', 'grep', 'ls', 'sleep', 'echo', 'kill', 'true', 'false']) {
    symlinkSync('busybox', join(folder, 'bin', applet));
  }
  return folder;
}
