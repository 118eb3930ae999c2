import type { Failure } from '@opencontainers-ts/runtime-spec/bundle';

/**
 * Work on a whole tree. `measure` reads the image, `copy` puts it into the volume, `clear` removes what is in the volume.
 * `.ociwrap` at the top of either is left alone, and of `lost+found` at the top of the volume only what is in it is removed.
 */
export type TreeTask = 'measure' | 'copy' | 'clear';

/** How far the work is. */
export interface TreeProgress {
  readonly isDone: boolean;
  /** Names that were met. */
  readonly entries: bigint;
  /** What they take on the image's disk; of a file with several names once. */
  readonly bytes: bigint;
  /** Entries without the further names of a file. */
  readonly inodes: bigint;
  /** Entries that the copy had already, but for folders. */
  readonly found: bigint;
}

/** An extended attribute that the volume's file system does not take. */
export interface UntakenAttribute {
  readonly name: string;
  /** The first file that has it, beneath the top folder. */
  readonly path: Uint8Array;
}

/**
 * Work on trees of any size, in C++: an interpreter is too slow for each of their files. It is no system call, but each slice of it is one
 * step. Nothing leads out of either folder: no link is followed and no mount entered. Under Node.js, which has no means for it,
 * it fails with ENOSYS.
 */
export interface TreeCalls {
  /**
   * Begins a task; there is one at a time. A copy makes what is not there as it is in the image, replaces what is not complete, and
   * leaves alone what is: an entry of the same type, size, owner, mode and time of change, which each gets last.
   *
   * @param folders - descriptors, which may be O_PATH and stay the caller's; `volume` is not used to measure, `image` not to clear
   */
  beginTree(
    task: TreeTask,
    folders: { readonly image: number; readonly volume: number },
  ): undefined | Failure;
  /** Goes on for about so many milliseconds. */
  continueTree(milliseconds: number): TreeProgress | Failure;
  /** Where the task is, beneath the top folder, and what it could not do: by name of attribute. */
  treeNotes(): { readonly path: Uint8Array; readonly untaken: readonly UntakenAttribute[] };
  /** Frees what the task holds. */
  endTree(): void;
}

/** The calls where there is no means for them. */
export function noTreeCalls(): TreeCalls {
  return {
    beginTree: () => ({ errno: 'ENOSYS', syscall: 'openat2' }),
    continueTree: () => ({ errno: 'ENOSYS', syscall: 'openat2' }),
    treeNotes: () => ({ path: new Uint8Array(0), untaken: [] }),
    endTree: () => undefined,
  };
}
