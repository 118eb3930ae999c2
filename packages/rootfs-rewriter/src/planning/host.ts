import type { FileId } from '@opencontainers-ts/runtime-spec';

/**
 * A path and the file that it named when the decision was taken. It is looked at again just before the runtime
 * takes over: another file at the same path means that somebody swapped it in between.
 */
export interface PinnedPath extends FileId {
  /** Absolute, without a symlink or `..` in it. */
  readonly path: string;
}

/** A folder that {@link Host.resolveBeneath} found. */
export interface FoundFolder extends PinnedPath {
  /**
   * Whether a mount begins at the folder; absent where the kernel does not say (before Linux 5.8). The mount table
   * also has lines for mounts that another one hides.
   */
  readonly isMountRoot?: boolean;
}

/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)), with its octal escapes decoded. */
export interface MountInfo {
  /** Where the file system is mounted (field 5). */
  readonly mountPoint: string;
  /** The folder of the file system that is seen there (field 4): `/`, or another for a bind mount. */
  readonly root: string;
  /** `ext4`, `nfs4`, ... */
  readonly fsType: string;
  /** Options of this mount (field 6): `ro`, `relatime`, ... */
  readonly options: readonly string[];
}

/** What a path names, without following a symlink at its end. */
export interface HostEntry extends FileId {
  /** `other`: a socket. */
  readonly type: 'file' | 'directory' | 'symlink' | 'device' | 'fifo' | 'other';
  /** The twelve bits of chmod(2), 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a file: its length in bytes, where the host knows it. */
  readonly size?: number;
  /** Of a symlink: where it leads, as readlink(2) gives it, where the host knows it. */
  readonly target?: string;
  /** Which device a node of type `device` stands for: what `stat(2)` calls `st_rdev`. */
  readonly device?: DeviceNumbers;
}

/** What a device node stands for. */
export interface DeviceNumbers {
  readonly kind: 'block' | 'character';
  readonly major: number;
  readonly minor: number;
}

/**
 * All that a rule may see of the machine: synchronous and read-only. Paths are absolute.
 *
 * `undefined` means that nothing is there (ENOENT, ENOTDIR) and nothing else: any other failure throws an
 * errno-shaped error (`code`, `errno`, `syscall`), and the engine turns it into a refusal. A host that answered
 * `undefined` for a folder it may not read would make a rule pass that should have refused.
 *
 * `memoryHost` of `@opencontainers-ts/rootfs-rewriter/testing` is one for tests.
 */
export interface Host {
  /**
   * What the path names; a symlink at its end is not followed.
   * @throws errno error for anything but ENOENT and ENOTDIR
   */
  lstat(path: string): HostEntry | undefined;
  /**
   * The path with every symlink resolved.
   * @throws errno error for anything but ENOENT and ENOTDIR (ELOOP, EACCES, ...)
   */
  realpath(path: string): string | undefined;
  /**
   * The whole content of a file; symlinks are followed.
   * @throws errno error for anything but ENOENT and ENOTDIR
   */
  readFile(path: string): Uint8Array | undefined;
  /**
   * The names in a folder, without `.` and `..`, in no particular order; symlinks on the way are followed.
   * @returns undefined where nothing is there
   * @throws errno error for anything but ENOENT; ENOTDIR for what is no folder
   */
  readDirectory(path: string): readonly string[] | undefined;
  /** The mounts of the namespace that the runtime will be started in. */
  mountInfo(): readonly MountInfo[];
  /**
   * Opens a directory with `openat2(2)` and RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS (Linux 5.6)
   * and says which one it is.
   * @param root - absolute folder that the path may not leave
   * @param path - relative to `root`
   * @throws errno error: ELOOP (a symlink in it), EXDEV (it leaves `root`), ENOENT, ENOTDIR, ...
   */
  resolveBeneath(root: string, path: string): FoundFolder;
}
