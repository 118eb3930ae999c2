import type { Failure, Path } from '@opencontainers-ts/runtime-spec/bundle';

/** Bits of `flags` and of attributes that the calls below take: the kernel's own, the same on every architecture. */
export const MOUNT = {
  /** RESOLVE_* of openat2(2). */
  resolveNoXdev: 0x01,
  resolveNoMagicLinks: 0x02,
  resolveNoSymlinks: 0x04,
  resolveBeneath: 0x08,
  resolveInRoot: 0x10,

  /** MS_PRIVATE and MS_SLAVE of mount(2). */
  private: 1 << 18,
  slave: 1 << 19,

  /** Attributes of fsmount(2) and mount_setattr(2): MOUNT_ATTR_*. */
  readOnly: 0x01,
  noSuid: 0x02,
  noDev: 0x04,
  noExec: 0x08,
  idMapped: 0x0010_0000,

  /** MOVE_MOUNT_SET_GROUP of move_mount(2) (Linux 5.15). */
  setGroup: 0x100,
} as const;

/** What {@link MountCalls.openat2} opens. */
export type OpenedAs = 'path' | 'folder' | 'file';

/** What statfs(2) says. */
export interface FileSystemStatus {
  /** The magic number (`f_type`). */
  readonly type: bigint;
  readonly blockSize: bigint;
  readonly blocks: bigint;
  /** For a process without privileges (`f_bavail`). */
  readonly freeBlocks: bigint;
  readonly inodes: bigint;
  readonly freeInodes: bigint;
  /** Options of the mount: ST_RDONLY 1, ST_NOSUID 2, ST_NODEV 4, ST_NOEXEC 8, ... */
  readonly flags: number;
}

/**
 * The calls that put a root together. In the program they are the system calls of their names; under Node.js, which has no means
 * for them, each fails with ENOSYS. Every descriptor is close-on-exec.
 */
export interface MountCalls {
  /** unshare(2) with CLONE_NEWNS: this process leaves its mount namespace. Propagation stays as it is. */
  unshareMounts(): undefined | Failure;
  /** mount(2) with one of MS_PRIVATE and MS_SLAVE: changes the propagation of the mount at a path. */
  setPropagation(path: Path, propagation: number): undefined | Failure;
  /**
   * openat2(2), without a fallback.
   *
   * @param as - `path`: O_PATH; `folder`: O_RDONLY|O_DIRECTORY; `file`: O_RDONLY|O_NONBLOCK
   * @param resolve - RESOLVE_* of {@link MOUNT}, added up
   */
  openat2(folder: number, path: Path, as: OpenedAs, resolve: number): number | Failure;
  /**
   * open_tree(2) with OPEN_TREE_CLONE of the folder that a descriptor is for: a detached bind mount of it.
   *
   * @param recursive - with what is mounted beneath
   */
  cloneTree(folder: number, recursive: boolean): number | Failure;
  /** move_mount(2): puts a detached mount at a path; with `setGroup`, gives the mount there the peer group of the other. */
  moveMount(mount: number, path: Path, flags: number): undefined | Failure;
  /**
   * mount_setattr(2) (Linux 5.12) on a detached mount.
   *
   * @param userNamespace - of an id-mapped mount: the descriptor of the user namespace; otherwise -1
   */
  setMountAttributes(mount: number, attributes: number, userNamespace: number): undefined | Failure;
  /** fsopen(2). What the kernel says of a failure is read from the descriptor: a line a read(2), until ENODATA. */
  fsopen(type: string): number | Failure;
  /** fsconfig(2): a text (FSCONFIG_SET_STRING), a descriptor (FSCONFIG_SET_FD), or, without a value, FSCONFIG_SET_FLAG. */
  fsconfig(context: number, key: string, value?: Path | number): undefined | Failure;
  /** fsconfig(2) with FSCONFIG_CMD_CREATE. */
  createFileSystem(context: number): undefined | Failure;
  /** fsmount(2): a detached mount. */
  fsmount(context: number, attributes: number): number | Failure;
  /** statfs(2). */
  statfs(path: Path): FileSystemStatus | Failure;
  /** Whether a folder says of what type its entries are (d_type of getdents64(2)), as an overlay needs it. */
  entryTypes(folder: number): boolean | Failure;
  /** syncfs(2). */
  syncfs(fd: number): undefined | Failure;
  /** lgetxattr(2): at most 64 KiB. */
  getxattr(path: Path, name: string): Uint8Array | Failure;
  /** lsetxattr(2). */
  setxattr(path: Path, name: string, value: Uint8Array): undefined | Failure;
  /** lremovexattr(2). */
  removexattr(path: Path, name: string): undefined | Failure;
  /** llistxattr(2). */
  listxattr(path: Path): readonly Uint8Array[] | Failure;
  /** setfsuid(2) and setfsgid(2), capabilities as they are (the kernel would drop those over files). */
  setFileSystemIds(uid: number, gid: number): undefined | Failure;
  /**
   * A user namespace with these mappings, which lasts as long as its descriptor: for an id-mapped mount.
   *
   * @param uidMap - what /proc/PID/uid_map takes: lines of `inside outside length`
   */
  userNamespace(uidMap: string, gidMap: string): number | Failure;
}

/** The calls where there is no means for them. */
export function noMountCalls(): MountCalls {
  const none = (syscall: string) => (): Failure => ({ errno: 'ENOSYS', syscall });
  return {
    unshareMounts: none('unshare'),
    setPropagation: none('mount'),
    openat2: none('openat2'),
    cloneTree: none('open_tree'),
    moveMount: none('move_mount'),
    setMountAttributes: none('mount_setattr'),
    fsopen: none('fsopen'),
    fsconfig: none('fsconfig'),
    createFileSystem: none('fsconfig'),
    fsmount: none('fsmount'),
    statfs: none('statfs'),
    syncfs: none('syncfs'),
    entryTypes: none('getdents64'),
    getxattr: none('lgetxattr'),
    setxattr: none('lsetxattr'),
    removexattr: none('lremovexattr'),
    listxattr: none('llistxattr'),
    setFileSystemIds: none('setfsuid'),
    userNamespace: none('clone'),
  };
}
