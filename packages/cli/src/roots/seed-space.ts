import type { FileSystemStatus } from '../system/mount-calls.js';
import type { TreeProgress } from '../system/tree-calls.js';
import { amount, size } from './seed-text.js';

/** What stays free: of 64 parts one, for what a file system needs beside the files, and for the container's first steps. */
const KEPT = 64n;

/** File systems that share blocks between files (FICLONE): XFS, Btrfs, bcachefs, OCFS2. */
const SHARING: ReadonlySet<bigint> = new Set([0x5846_5342n, 0x9123_683en, 0xca45_1a4en, 0x7461_636fn]);

/**
 * Why an image does not fit on a volume; undefined where it does, or where only trying can tell: on a file system that may share
 * the blocks of the image.
 */
export function spaceFault(
  needed: Pick<TreeProgress, 'bytes' | 'inodes'>,
  volume: FileSystemStatus,
  imageType: bigint,
): string | undefined {
  const free = volume.freeBlocks * volume.blockSize;
  const bytes = needed.bytes + needed.bytes / KEPT;
  const mayShare = volume.type === imageType && SHARING.has(volume.type);
  // Where nothing is counted (ramfs, some of FUSE), all numbers are 0.
  if (volume.blocks > 0n && bytes > free && !mayShare)
    return `the image has ${size(needed.bytes)}, and ${size(free)} are free`;
  // Btrfs and others make inodes as they are needed, and say 0.
  const inodes = needed.inodes + needed.inodes / KEPT;
  if (volume.inodes > 0n && inodes > volume.freeInodes)
    return `the image has ${amount(needed.inodes)} files, and ${amount(volume.freeInodes)} inodes are free`;
  return undefined;
}

/** For messages. */
export function freeOf({ freeBlocks, blockSize, inodes, freeInodes }: FileSystemStatus): string {
  const bytes = size(freeBlocks * blockSize);
  return inodes > 0n ? `${bytes} and ${amount(freeInodes)} inodes` : bytes;
}
