import type { DeviceNumbers, HostEntry, MountInfo } from '../planning/host.js';

/** Who may do what with a file. */
export type MemoryAccess = Pick<HostEntry, 'mode' | 'uid' | 'gid'>;

/** What the in-memory host holds. Folders above a path are made as needed. */
export interface MemoryHostOptions {
  readonly directories?: readonly string[];
  /** Path to content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Path to target, relative or absolute. */
  readonly symlinks?: Readonly<Record<string, string>>;
  /** Device nodes; a path alone is a disk, block device 8:0. */
  readonly devices?: readonly (string | ({ readonly path: string } & DeviceNumbers))[];
  readonly fifos?: readonly string[];
  /** Sockets. */
  readonly others?: readonly string[];
  /**
   * Mount points, each a directory with a device number of its own; a string is short for an ext4 mounted read-write.
   * `/` is always mounted.
   */
  readonly mounts?: readonly (string | (Partial<MountInfo> & Pick<MountInfo, 'mountPoint'>))[];
  /** Path to permissions and owner; else all is root's, and writable by root alone (devices by everybody). */
  readonly access?: Readonly<Record<string, Partial<MemoryAccess>>>;
  /** Path to the errno name (`EACCES`) that every look at it, and at what lies below, fails with. */
  readonly failures?: Readonly<Record<string, string>>;
}
