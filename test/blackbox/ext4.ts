import { join } from 'node:path';

import { done, shell } from './overlay-volume.js';
import { mount, scratchFolder } from './scratch.js';

/** A disk in a file, with ext4 on it. */
export interface Ext4 {
  /** The file. */
  readonly disk: string;
  /** Where it is mounted. */
  readonly path: string;
}

/** Makes ext4 in a file, and mounts it. Programs that tests of it need: mkfs.ext4, losetup. */
export function ext4(size: string, ...options: readonly string[]): Ext4 {
  const disk = join(scratchFolder('disk'), 'disk.img');
  done(
    shell('truncate -s "$1" "$2"; shift; disk=$1; shift; mkfs.ext4 -q "$@" "$disk"', size, disk, ...options),
  );
  const path = scratchFolder('loop');
  mount('-t', 'ext4', '-o', 'loop', disk, path);
  return { disk, path };
}
