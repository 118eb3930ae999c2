import type { Scans } from '@opencontainers-ts/runtime-spec';

/** A path as the kernel takes it: text is encoded as UTF-8. Bytes need not be that. */
export type Path = string | Uint8Array;

/** Why the kernel refused a call: a value, so that who calls has to look at it. {@link isFailure} tells it from an answer. */
export interface Failure {
  /** As errno(3) spells it: `ENOENT`. A number that has no name is `E` and the number. */
  readonly errno: string;
}

/**
 * How a file is opened, added up. The numbers are ours, for those of the kernel differ between architectures. Every
 * descriptor is close-on-exec.
 */
export const OPEN = {
  read: 0,
  write: 1,
  readWrite: 2,
  append: 4,
  create: 8,
  exclusive: 16,
  directory: 32,
  noFollow: 64,
  nonBlocking: 128,
  noControllingTerminal: 256,
} as const;

/** What stat(2) says of a file. */
export interface FileStatus {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly type: 'file' | 'directory' | 'symlink' | 'block-device' | 'character-device' | 'fifo' | 'socket';
  /** The twelve bits of chmod(2), 0 to 0o7777. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a device: the numbers of `st_rdev`. */
  readonly major: number;
  readonly minor: number;
  /** In bytes. */
  readonly size: bigint;
  /** In nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** In nanoseconds since 1970. */
  readonly ctimeNs: bigint;
}

/** A folder that a relative path may not leave, by the path that leads to it and by what must be found there. */
export interface BeneathRoot {
  readonly path: Path;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** What {@link System.lookBeneath} finds. */
export interface EntryBeneath {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly size: bigint;
  /** Where a symlink points, and of nothing else. */
  readonly target?: Uint8Array;
}

/** What {@link System.removeBeneath} has to find in order to remove it. */
export type ExpectedEntry =
  | { readonly kind: 'empty-file' | 'file' | 'empty-directory' }
  | { readonly kind: 'symlink'; readonly target: Path };

/**
 * The kernel, as this program uses it: every call is synchronous, makes one step, and gives a value or a {@link Failure}.
 * Nothing is cached, retried or decided here. EINTR never comes back. Calls bear the names of the system calls that they are.
 */
export interface System {
  // Files, by path.

  /** open(2), close-on-exec. @param flags - of {@link OPEN}, added up. @param mode - of a file that is created; 0o600 when left out */
  open(path: Path, flags: number, mode?: number): number | Failure;
  /** stat(2): symlinks are followed. */
  stat(path: Path): FileStatus | Failure;
  /** lstat(2). */
  lstat(path: Path): FileStatus | Failure;
  /** readlink(2). */
  readlink(path: Path): Uint8Array | Failure;
  /** realpath(3): absolute, every symlink resolved; the path must exist. */
  realpath(path: Path): Uint8Array | Failure;
  /** The names in a folder, without `.` and `..`, in the order in which the kernel gives them. */
  readdir(path: Path): readonly Uint8Array[] | Failure;
  /** mkdir(2). */
  mkdir(path: Path, mode: number): undefined | Failure;
  /** rmdir(2). */
  rmdir(path: Path): undefined | Failure;
  /** unlink(2). */
  unlink(path: Path): undefined | Failure;
  /** rename(2). */
  rename(from: Path, to: Path): undefined | Failure;
  /** faccessat(2) with X_OK and AT_EACCESS: whether execve(2) would let this process run the file. */
  mayExecute(path: Path): boolean;

  // Files, by descriptor.

  /** fstat(2). */
  fstat(fd: number): FileStatus | Failure;
  /** read(2): at most so many bytes, from where the descriptor stands; none at the end of the file. */
  read(fd: number, most: number): Uint8Array | Failure;
  /** write(2): how many bytes were taken, which may be fewer. */
  write(fd: number, bytes: Uint8Array): number | Failure;
  /** fsync(2). */
  fsync(fd: number): undefined | Failure;
  /** fchmod(2). */
  fchmod(fd: number, mode: number): undefined | Failure;
  /** fchown(2). */
  fchown(fd: number, uid: number, gid: number): undefined | Failure;
  /** flock(2) with LOCK_EX and LOCK_NB: false when another has it. */
  tryLock(fd: number): boolean | Failure;
  /** close(2). */
  close(fd: number): undefined | Failure;
  /** isatty(3). */
  isatty(fd: number): boolean;

  // Files beneath a folder, by openat2(2) (Linux 5.6), strictly: no symlink, no `..`, no way out.

  /**
   * Opens a folder with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS and says which one it is. Where the kernel
   * has no openat2 or a seccomp filter denies it (ENOSYS, EPERM), each name is opened by itself with O_NOFOLLOW, to the same end.
   *
   * @returns `isMountRoot`: STATX_ATTR_MOUNT_ROOT of statx(2), absent where the kernel does not say (before Linux 5.8)
   */
  resolveBeneath(
    root: Path,
    path: Path,
  ): { readonly dev: bigint; readonly ino: bigint; readonly isMountRoot?: boolean } | Failure;
  /** What is at a path, whose last name is not followed; undefined for nothing. */
  lookBeneath(root: BeneathRoot, path: Path): EntryBeneath | undefined | Failure;
  /** Removes an entry that is what it is expected to be. */
  removeBeneath(
    root: BeneathRoot,
    path: Path,
    expected: ExpectedEntry,
  ): 'removed' | 'missing' | 'different' | Failure;
  /** Names in a folder, at most so many. */
  listBeneath(root: BeneathRoot, path: Path, limit: number): readonly Uint8Array[] | Failure;

  // The process.

  /** argv, with argv[0]. */
  argv(): readonly Uint8Array[];
  /** The environment, an entry each; entries may be double, or have no `=`. */
  environ(): readonly Uint8Array[];
  /** AT_EXECFN of getauxval(3): the path that the caller gave to execve(2). */
  execFn(): Uint8Array;
  /** /proc/self/exe; an empty path where that cannot be found. */
  exe(): { readonly path: Uint8Array; readonly dev: bigint; readonly ino: bigint };
  /** getcwd(2); undefined when it was removed or is out of sight. */
  cwd(): Uint8Array | undefined;
  getpid(): number;
  geteuid(): number;
  /** umask(2): sets it and gives the one before. */
  umask(mask: number): number;
  /** kill(2) with signal 0: false for ESRCH alone. */
  isRunning(pid: number): boolean;
  /** execve(2): comes back only with a failure. */
  execve(path: Path, argv: readonly Uint8Array[], env: readonly Uint8Array[]): Failure;

  // Time.

  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since this process began, with a fraction. */
  uptime(): number;
  /** Waits for so many milliseconds. */
  sleep(milliseconds: number): void;

  // What an interpreter is too slow for.

  readonly scans: Scans;
}

/** Tells a failure from every answer that a call may give. */
export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'errno' in answer;
}
