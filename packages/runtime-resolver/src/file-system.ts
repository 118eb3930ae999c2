/**
 * The identity of a file, whatever path leads to it: `st_dev` and `st_ino` of stat(2). The same as `FileId` of
 * runtime-spec, and a type of its own because this package imports no other one.
 */
export interface FileId {
  /** `st_dev`, 64 bits unsigned. */
  readonly dev: bigint;
  /** `st_ino`, 64 bits unsigned. */
  readonly ino: bigint;
}

/** A path, and the file that it named when it was examined. */
export interface PinnedPath extends FileId {
  readonly path: string;
}

/** What {@link FileSystem.stat} returns: the file at the end of any symlinks. */
export interface FileStat extends FileId {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Whether execve(2) would let this process run it: faccessat(2) with X_OK and AT_EACCESS. */
  readonly executable: boolean;
  /** The owner, as seen from the calling user namespace. */
  readonly uid: number;
  /** Permission bits; bits of the file type may be set and are ignored. */
  readonly mode: number;
}

/**
 * The file system as the resolver sees it: synchronous and read-only. `nodeHost()` of the command line package is an
 * implementation; tests supply their own.
 *
 * `stat` and `realpath` return `undefined` for ENOENT and ENOTDIR and throw any other failure as an error with a string
 * `code`. Such an error rules out one candidate, and the search continues.
 */
export interface FileSystem {
  /** stat(2): follows symlinks. */
  stat(path: string): FileStat | undefined;
  /** realpath(3). */
  realpath(path: string): string | undefined;
  /** The first `bytes` bytes of the file, or all of it if it is shorter. */
  head(path: string, bytes: number): Uint8Array;
}

/**
 * The `code` of an errno-shaped error. Anything else that was thrown is a bug of the port, and is thrown again. Not
 * `errorCode` of runtime-spec: this package imports no other one.
 *
 * @internal
 */
export function errnoCode(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') {
    return thrown.code;
  }
  throw thrown;
}
