import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';

import * as native from '@opencontainers-ts/exec-native';
import type { DeviceNumbers, FoundFolder, Host } from '@opencontainers-ts/rootfs-rewriter';
import type { FileSystem } from '@opencontainers-ts/runtime-resolver';

import { parseMountInfo } from './mount-info.js';

/** Gives undefined for a path that is not there; a path that cannot be looked at is the caller's to judge. */
function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return unlessNoEntry(look);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
}

function unlessNoEntry<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw named(error);
  }
}

/** Rules and messages go by names, and Node has none for a stale NFS handle: `Unknown system error -116`. */
function named(error: unknown): unknown {
  const { code, errno } = error as NodeJS.ErrnoException;
  return errno !== undefined && code?.startsWith('Unknown ') === true
    ? Object.assign(error as NodeJS.ErrnoException, { code: native.errnoName(errno) })
    : error;
}

/** The addon tells the path that it was given, beneath the root; whoever reads a message wants to find it. */
function resolveBeneath(root: string, path: string): FoundFolder {
  const whole = `${root}/${path}`;
  try {
    return { path: whole, ...native.resolveBeneath(root, path) };
  } catch (error) {
    const { errno, path: told } = error as NodeJS.ErrnoException;
    throw errno === undefined || told !== path ? error : Object.assign(error as Error, { path: whole });
  }
}

/**
 * What `ociwrap` only looks at (`validate`, `explain`) it looks at without the addon too, where npm found no compiler for
 * it: by the real ids, which differ from the effective ones in no shell.
 */
function mayExecute(path: string): boolean {
  try {
    return native.mayExecute(path);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ADDON_MISSING') throw error;
  }
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The machine as rules and resolver see it: read-only, synchronous, nothing cached, for a call lives for
 * milliseconds and decides on what is there now.
 *
 * @example
 * ```ts
 * import { nodeHost } from '@opencontainers-ts/cli';
 *
 * console.log(nodeHost().lstat('/proc')?.type);
 * ```
 */
export function nodeHost(): Host & FileSystem {
  return {
    lstat: (path) =>
      unlessMissing(() => {
        const stat = lstatSync(path, { bigint: true });
        const type = stat.isFile()
          ? 'file'
          : stat.isDirectory()
            ? 'directory'
            : stat.isSymbolicLink()
              ? 'symlink'
              : stat.isBlockDevice() || stat.isCharacterDevice()
                ? 'device'
                : stat.isFIFO()
                  ? 'fifo'
                  : 'other';
        return {
          dev: stat.dev,
          ino: stat.ino,
          type,
          mode: Number(stat.mode) & 0o7777,
          uid: Number(stat.uid),
          gid: Number(stat.gid),
          ...(type === 'file' ? { size: Number(stat.size) } : {}),
          ...(type === 'symlink' ? { target: readlinkSync(path) } : {}),
          ...(type === 'device' ? { device: numbersOf(stat) } : {}),
        };
      }),
    stat: (path) =>
      unlessMissing(() => {
        const stat = statSync(path, { bigint: true });
        const mode = Number(stat.mode);
        return {
          dev: stat.dev,
          ino: stat.ino,
          isFile: stat.isFile(),
          isDirectory: stat.isDirectory(),
          executable: mayExecute(path),
          uid: Number(stat.uid),
          mode: mode & 0o7777,
        };
      }),
    realpath: (path) => unlessMissing(() => realpathSync.native(path)),
    readFile: (path) => unlessMissing(() => readFileSync(path)),
    head: (path, bytes) => {
      const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const buffer = Buffer.alloc(bytes);
        return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, 0));
      } finally {
        closeSync(descriptor);
      }
    },
    readDirectory: (path) => unlessNoEntry(() => readdirSync(path)),
    mountInfo: () => parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8')),
    resolveBeneath,
  };
}

/** Splits st_rdev as makedev(3) put it together: 12 and 20 bits of old, the rest above them. */
function numbersOf(stat: BigIntStats): DeviceNumbers {
  const { rdev } = stat;
  return {
    kind: stat.isBlockDevice() ? 'block' : 'character',
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
  };
}
