import type { Bytes } from './bytes.js';
import type { FileId } from './file-id.js';

/** The folder that `resolveBeneath` found. */
export interface FoundFolder extends FileId {
  /**
   * Whether the folder is a mount point: STATX_ATTR_MOUNT_ROOT of statx(2). Absent if the kernel does not say (before
   * Linux 5.8). Unlike a line of the mount table, it is not misled by a mount that is hidden by another one.
   */
  readonly isMountRoot?: boolean;
}

/**
 * A folder that was examined before. If its path is now a different folder or a symbolic link, calls fail with `ESTALE`,
 * `ELOOP` or `ENOTDIR`; symbolic links further up in the path are followed.
 */
export interface RootFolder extends FileId {
  readonly path: Bytes;
}

/** An entry beneath a folder. */
export interface EntryBeneath {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** In bytes, `st_size` of stat(2). */
  readonly size: bigint;
  /** Where a symbolic link points; absent for anything else. */
  readonly target?: Uint8Array;
}

/** What an entry must be for `removeBeneath` to remove it. */
export type ExpectedEntry =
  | { readonly kind: 'empty-file' | 'file' | 'empty-directory' }
  | { readonly kind: 'symlink'; readonly target: Bytes };
