import type { BigIntStats } from 'node:fs';
import { type BundleFiles, type Failure, type FileStatus, OPEN, type Path } from './bundle-files.js';
import { errnoName } from './errno-names.js';

// Missing from the constants of node:fs; libuv sets it too.
const O_CLOEXEC = 0o2000000;

/**
 * The files of this machine, by node:fs.
 *
 * @example
 * ```ts
 * import { nodeFiles, readBundleConfig } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * console.log(nodeFiles().getpid() > 0, typeof readBundleConfig); // true function
 * ```
 */
export function nodeFiles(): BundleFiles {
  // Not an import: programs that bring files of their own are bundled for engines that have no node:fs.
  const fs = process.getBuiltinModule('node:fs');
  const { constants } = fs;
  const kernelFlags: readonly (readonly [number, number])[] = [
    [OPEN.write, constants.O_WRONLY],
    [OPEN.readWrite, constants.O_RDWR],
    [OPEN.append, constants.O_APPEND],
    [OPEN.create, constants.O_CREAT],
    [OPEN.exclusive, constants.O_EXCL],
    [OPEN.directory, constants.O_DIRECTORY],
    [OPEN.noFollow, constants.O_NOFOLLOW],
    [OPEN.nonBlocking, constants.O_NONBLOCK],
    [OPEN.noControllingTerminal, constants.O_NOCTTY],
    [OPEN.truncate, constants.O_TRUNC],
  ];
  const flagsOf = (flags: number) =>
    kernelFlags.reduce((sum, [ours, theirs]) => ((flags & ours) === 0 ? sum : sum | theirs), O_CLOEXEC);
  return {
    open: (path, flags, mode = 0o600) => attempt(() => fs.openSync(pathOf(path), flagsOf(flags), mode)),
    stat: (path) => attempt(() => statusOf(fs.statSync(pathOf(path), { bigint: true }))),
    fstat: (fd) => attempt(() => statusOf(fs.fstatSync(fd, { bigint: true }))),
    read: (fd, most) =>
      attempt(() => {
        const bytes = new Uint8Array(most);
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, most, null));
      }),
    write: (fd, bytes) => attempt(() => fs.writeSync(fd, bytes)),
    fsync: (fd) => attempt(() => fs.fsyncSync(fd) as undefined),
    fchmod: (fd, mode) => attempt(() => fs.fchmodSync(fd, mode) as undefined),
    fchown: (fd, uid, gid) => attempt(() => fs.fchownSync(fd, uid, gid) as undefined),
    close: (fd) => attempt(() => fs.closeSync(fd) as undefined),
    readdir: (path) => attempt(() => fs.readdirSync(pathOf(path), 'buffer') as readonly Uint8Array[]),
    unlink: (path) => attempt(() => fs.unlinkSync(pathOf(path)) as undefined),
    rename: (from, to) => attempt(() => fs.renameSync(pathOf(from), pathOf(to)) as undefined),
    getpid: () => process.pid,
  };
}

/**
 * A path as node:fs takes it: text or a Buffer.
 *
 * @example
 * ```ts
 * import { pathOf } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const bytes = new TextEncoder().encode('/run');
 * console.log(pathOf('/run'), Buffer.isBuffer(pathOf(bytes))); // /run true
 * ```
 */
export function pathOf(path: Path): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}

/**
 * What a call of node:fs returns, or the errno that it failed with.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { attempt } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * console.log(attempt(() => readFileSync('/nowhere'))); // { errno: 'ENOENT', syscall: 'open' }
 * ```
 */
export function attempt<T>(call: () => T): T | Failure {
  try {
    return call();
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    return { errno: errnoOfError(error), ...(syscall === undefined ? {} : { syscall }) };
  }
}

function errnoOfError(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code;
  if (code === 'ERR_INVALID_ARG_VALUE') return 'EINVAL'; // a path with a NUL, which does not come as far as the kernel
  if (typeof errno !== 'number') throw error;
  // libuv has no names of its own for some, EDQUOT among them: "Unknown system error -122".
  return errnoName(-errno);
}

/**
 * What stat(2) says, from a bigint stat of node:fs.
 *
 * @example
 * ```ts
 * import { statSync } from 'node:fs';
 * import { statusOf } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const { type, major, minor } = statusOf(statSync('/dev/null', { bigint: true }));
 * console.log(type, major, minor); // character-device 1 3
 * ```
 */
export function statusOf(stat: BigIntStats): FileStatus {
  const { rdev } = stat;
  return {
    dev: stat.dev,
    ino: stat.ino,
    type: typeOf(stat),
    mode: Number(stat.mode) & 0o7777,
    nlink: Number(stat.nlink),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    // As makedev(3) put them together: 12 and 20 bits of old, the rest above them.
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
    size: stat.size,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
  };
}

function typeOf(stat: BigIntStats): FileStatus['type'] {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isBlockDevice()) return 'block-device';
  if (stat.isCharacterDevice()) return 'character-device';
  return stat.isFIFO() ? 'fifo' : 'socket';
}
