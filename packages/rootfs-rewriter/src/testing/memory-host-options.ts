import type { DeviceNumbers, HostEntry, MountInfo } from '../planning/host.js';

/** Permissions and owner of a file. */
export type MemoryAccess = Pick<HostEntry, 'mode' | 'uid' | 'gid'>;

/** The content of an in-memory host. Missing folders above a path are created. */
export interface MemoryHostOptions {
  readonly directories?: readonly string[];
  /** The content by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The target by path, relative or absolute. */
  readonly symlinks?: Readonly<Record<string, string>>;
  /** Device nodes; a string is the path of a disk, block device 8:0. */
  readonly devices?: readonly (string | ({ readonly path: string } & DeviceNumbers))[];
  readonly fifos?: readonly string[];
  /** Sockets. */
  readonly others?: readonly string[];
  /**
   * Mount points, each a folder with a device number of its own. A string is the mount point of an ext4 mounted read-write.
   * `/` is always mounted.
   */
  readonly mounts?: readonly (string | (Partial<MountInfo> & Pick<MountInfo, 'mountPoint'>))[];
  /** Permissions and owner by path. By default, everything belongs to root and only root can write it (devices: anybody). */
  readonly access?: Readonly<Record<string, Partial<MemoryAccess>>>;
  /** By path, the name of the errno (`EACCES`) with which every access to it, and to anything below it, fails. */
  readonly failures?: Readonly<Record<string, string>>;
  /** By the path of a runtime, what it prints for `--version`. Of any other the version is unknown. */
  readonly runtimeVersions?: Readonly<Record<string, string>>;
}
