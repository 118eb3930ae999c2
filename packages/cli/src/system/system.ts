import type { Scans } from '@opencontainers-ts/runtime-spec';
import type { BundleFiles, Failure, FileStatus, Path } from '@opencontainers-ts/runtime-spec/bundle';

import type { ModuleHost } from './module-host.js';
import type { MountCalls } from './mount-calls.js';
import type { TreeCalls } from './tree-calls.js';

export {
  answerOf,
  type Failure,
  type FileStatus,
  isFailure,
  OPEN,
  type Path,
  SystemError,
} from '@opencontainers-ts/runtime-spec/bundle';

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

/** The signals by which others end this program. */
export type EndingSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** How many bytes of its output {@link System.runProgram} takes of a program, unless it is told otherwise. */
export const MOST_OUTPUT = 4096;

/** What {@link System.runProgram} has seen of a program. */
export interface ProgramEnd {
  /** The exit status; of a program that a signal has ended, 128 and its number. */
  readonly status: number;
  /** What it wrote to stdout. */
  readonly output: Uint8Array;
}

/**
 * The kernel, as this program uses it. Each call is the system call of its name: synchronous, one step, a value or a
 * `Failure`. Nothing is cached or decided here, and EINTR never comes back.
 */
export interface System extends BundleFiles, MountCalls, TreeCalls {
  // Files, by path.

  /** lstat(2). */
  lstat(path: Path): FileStatus | Failure;
  /** readlink(2). */
  readlink(path: Path): Uint8Array | Failure;
  /** realpath(3): absolute, every symlink resolved; the path must exist. */
  realpath(path: Path): Uint8Array | Failure;
  /** symlink(2). */
  symlink(target: Path, path: Path): undefined | Failure;
  /** link(2): a file gets a further name; a symlink is not followed. */
  link(path: Path, to: Path): undefined | Failure;
  /** mkdir(2). */
  mkdir(path: Path, mode: number): undefined | Failure;
  /** rmdir(2). */
  rmdir(path: Path): undefined | Failure;
  /** faccessat(2) with X_OK and AT_EACCESS: whether execve(2) would let this process run the file. */
  mayExecute(path: Path): boolean;

  // Files, by descriptor.

  /** flock(2) with LOCK_EX and LOCK_NB: false when another has it. */
  tryLock(fd: number): boolean | Failure;
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
  /** What the launcher has found out about this call before it left it to this program, by name; see call/found-call.ts. */
  foundCall(): ReadonlyMap<string, Uint8Array>;
  /** AT_EXECFN of getauxval(3): the path that the caller gave to execve(2). */
  execFn(): Uint8Array;
  /** /proc/self/exe; an empty path where that cannot be found. */
  exe(): { readonly path: Uint8Array; readonly dev: bigint; readonly ino: bigint };
  /** getcwd(2); undefined when it was removed or is out of sight. */
  cwd(): Uint8Array | undefined;
  geteuid(): number;
  /** umask(2): sets it and gives the one before. */
  umask(mask: number): number;
  /** kill(2) with signal 0: false for ESRCH alone. */
  isRunning(pid: number): boolean;
  /** chroot(2), and chdir(2) to the new root. Under Node.js, which has no means for it, ENOSYS. */
  chroot(path: Path): undefined | Failure;
  /** execve(2): comes back only with a failure. */
  execve(path: Path, argv: readonly Uint8Array[], env: readonly Uint8Array[]): Failure;

  /**
   * Runs a program to its end, in a session of its own and in `/`, with no open file but what stdin and stderr are, /dev/null, and
   * stdout, which is read here. Signals have their defaults in it, and none comes of it here. What it has started itself ends with it.
   *
   * @param milliseconds - after which it is killed, and the answer is ETIMEDOUT
   * @param mostOutput - how many bytes of its output are taken: `MOST_OUTPUT` if left out, 1 MiB at most
   * @returns EFBIG where it was killed for writing more than that; what execve(2) says
   */
  runProgram(
    path: Path,
    argv: readonly Uint8Array[],
    env: readonly Uint8Array[],
    milliseconds: number,
    mostOutput?: number,
  ): ProgramEnd | Failure;

  // Time.

  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since this process began, with a fraction. */
  uptime(): number;
  /** Waits for so many milliseconds. */
  sleep(milliseconds: number): void;
  /**
   * rt_sigtimedwait(2): waits for a signal that would end this program. From the first call on they end it no more: each waits
   * for the next call. Under Node.js, which has no means for it, ENOSYS.
   *
   * @param milliseconds - 0 to see whether one has come
   * @returns undefined where none came
   */
  awaitSignal(milliseconds: number): EndingSignal | undefined | Failure;

  // What an interpreter is too slow for.

  readonly scans: Scans;
  /** FNV-1a with 64 bits. */
  fnv1a(bytes: Uint8Array): bigint;

  // Code of others.

  /** The engine that rule modules run in. */
  readonly modules: ModuleHost;
}
