import type { FileId } from '@opencontainers-ts/runtime-spec';
import type { RuntimeVersion, UnknownVersion } from './runtime-version.js';

/**
 * A path and the file that it named when the decision was made. It is checked again just before the runtime is started: a
 * different file at the same path means that somebody swapped it in the meantime.
 */
export interface PinnedPath extends FileId {
  /** Absolute, without a symlink or `..` in it. */
  readonly path: string;
}

/** The folder that {@link Host.resolveBeneath} found. */
export interface FoundFolder extends PinnedPath {
  /**
   * Whether the folder is a mount point; absent if the kernel does not say (before Linux 5.8). The mount table is no
   * substitute, since it also lists mounts that are hidden by others.
   */
  readonly isMountRoot?: boolean;
}

/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)), with its octal escapes decoded. */
export interface MountInfo {
  /** Where the file system is mounted (field 5). */
  readonly mountPoint: string;
  /** The folder of the file system that is mounted (field 4): `/`, or another one for a bind mount. */
  readonly root: string;
  /** `ext4`, `nfs4`, ... */
  readonly fsType: string;
  /** Options of this mount (field 6): `ro`, `relatime`, ... */
  readonly options: readonly string[];
}

/** The entry that a path names, without following a symlink at its end. */
export interface HostEntry extends FileId {
  /** `other`: a socket. */
  readonly type: 'file' | 'directory' | 'symlink' | 'device' | 'fifo' | 'other';
  /** The twelve bits of chmod(2), 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The length of a file in bytes, if the host knows it. */
  readonly size?: number;
  /** The target of a symlink, as from readlink(2), if the host knows it. */
  readonly target?: string;
  /** The device that a node of type `device` represents: `st_rdev` of stat(2). */
  readonly device?: DeviceNumbers;
}

/** The device that a node represents. */
export interface DeviceNumbers {
  readonly kind: 'block' | 'character';
  readonly major: number;
  readonly minor: number;
}

/**
 * Everything that a rule may see of the machine: synchronous and read-only. Paths are absolute.
 *
 * `undefined` means that nothing exists there (ENOENT, ENOTDIR), and nothing else. Any other failure throws an errno-shaped
 * error (`code`, and `errno` or `syscall`), which the engine turns into a refusal: a host that returned `undefined` for a folder
 * it may not read would make a rule pass that should refuse.
 *
 * `memoryHost` of `@opencontainers-ts/rootfs-rewriter/testing` is an implementation for tests.
 */
export interface Host {
  /**
   * The entry that a path names. A symlink at its end is not followed.
   * @throws errno error for anything but ENOENT and ENOTDIR
   */
  lstat(path: string): HostEntry | undefined;
  /**
   * The path with every symlink resolved.
   * @throws errno error for anything but ENOENT and ENOTDIR (ELOOP, EACCES, ...)
   */
  realpath(path: string): string | undefined;
  /**
   * The content of a file. Symlinks are followed.
   * @throws errno error for anything but ENOENT and ENOTDIR
   */
  readFile(path: string): Uint8Array | undefined;
  /**
   * The names in a folder, without `.` and `..`, in no particular order. Symlinks are followed.
   * @returns undefined if it does not exist
   * @throws errno error for anything but ENOENT; ENOTDIR if it is not a folder
   */
  readDirectory(path: string): readonly string[] | undefined;
  /** The mounts of the namespace in which the runtime will be started. */
  mountInfo(): readonly MountInfo[];
  /**
   * Opens a folder with openat2(2) and RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS (Linux 5.6), and returns
   * its identity.
   * @param root - absolute path of the folder that the path may not leave
   * @param path - relative to `root`
   * @throws errno error: ELOOP (a symlink in it), EXDEV (it leaves `root`), ENOENT, ENOTDIR, ...
   */
  resolveBeneath(root: string, path: string): FoundFolder;
  /**
   * What the runtime of the call says of its version. It has to be started for that (`--version`) unless somebody has kept what it
   * said, so ask only where something depends on it. Only trusted rules (`trustedRule`) can ask: a path of any other would
   * be a program to start.
   * @param path - of the runtime, as in `Call`
   * @returns why it is not known, where it is not; a host without this member knows no version
   */
  runtimeVersion?(path: string): RuntimeVersion | UnknownVersion;
}
