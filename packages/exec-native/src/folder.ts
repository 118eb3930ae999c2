import type { Bytes } from './bytes.js';
import type { FileId } from './file-id.js';

/** A folder that `resolveBeneath` found. */
export interface FoundFolder extends FileId {
  /**
   * Whether a mount begins at the folder: STATX_ATTR_MOUNT_ROOT of statx(2). Absent where the kernel does not say
   * (before Linux 5.8). Unlike a line of the mount table, it is not deceived by a mount that another one hides.
   */
  readonly isMountRoot?: boolean;
}

/**
 * A folder that was looked at before. Another folder at the same path, or a symbolic link, fails with `ESTALE`, `ELOOP`
 * or `ENOTDIR`; links further up in the path are followed.
 */
export interface RootFolder extends FileId {
  readonly path: Bytes;
}

/** What a name beneath a folder stands for. */
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
