import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';

import { MOUNT } from '../../src/system/mount-calls.js';
import { nodeSystem } from '../../src/system/node-system.js';
import type { Failure, System } from '../../src/system/system.js';

/** open(2) of Linux, which node:fs has no name for. */
const O_PATH = 0o10000000;

/** A call of the kernel that a test has seen. */
export type SeenCall = readonly [name: string, ...arguments_: unknown[]];

const failure = (error: unknown): Failure => ({ errno: (error as NodeJS.ErrnoException).code ?? 'EIO' });

/**
 * The machine, in which nothing is mounted: files are real, and calls that mount are only written down. openat2(2) is done by
 * name, which is no protection, and enough for a test that changes nothing meanwhile.
 */
export function mountingSystem(seen: SeenCall[] = [], more: Partial<System> = {}): System {
  const see =
    <T>(name: string, answer: T) =>
    (...arguments_: unknown[]): T => {
      seen.push([name, ...arguments_]);
      return answer;
    };
  return {
    ...nodeSystem(),
    openat2: (folder, path, as, resolve) => {
      try {
        const top = readlinkSync(`/proc/self/fd/${folder}`);
        const found =
          (resolve & MOUNT.resolveInRoot) !== 0 ? inRoot(top, String(path)) : strictly(top, String(path));
        const flags = { path: O_PATH, folder: constants.O_DIRECTORY, file: constants.O_NONBLOCK }[as];
        return openSync(found, flags | constants.O_RDONLY);
      } catch (error) {
        return failure(error);
      }
    },
    statfs: (path) => {
      const { type, bsize, blocks, bavail, files, ffree } = statfsSync(String(path), { bigint: true });
      return {
        type,
        blockSize: bsize,
        blocks,
        freeBlocks: bavail,
        inodes: files,
        freeInodes: ffree,
        flags: 0,
      };
    },
    entryTypes: () => true,
    getxattr: () => ({ errno: 'ENODATA' }),
    unshareMounts: see('unshareMounts', undefined),
    setPropagation: see('setPropagation', undefined),
    // The probe for MOVE_MOUNT_SET_GROUP has no descriptor.
    moveMount: (mount, path, flags) => {
      seen.push(['moveMount', mount, path, flags]);
      return mount === -1 ? { errno: 'EBADF' } : undefined;
    },
    cloneTree: (folder, recursive) => {
      // The probe for the call has none either.
      if (folder === -1) return { errno: 'EBADF' };
      seen.push(['cloneTree', recursive]);
      return openSync(readlinkSync(`/proc/self/fd/${folder}`), constants.O_DIRECTORY);
    },
    ...more,
  };
}

/** Every link is an error, as RESOLVE_NO_SYMLINKS has it. */
function strictly(top: string, path: string): string {
  let at = top;
  for (const name of path.split('/')) {
    at = join(at, name);
    if (lstatSync(at).isSymbolicLink()) throw Object.assign(new Error('ELOOP'), { code: 'ELOOP' });
  }
  return at;
}

/** Links are followed, absolute ones from the root. */
function inRoot(top: string, path: string, links = 0): string {
  if (links > 40) throw Object.assign(new Error('ELOOP'), { code: 'ELOOP' });
  const place: string[] = [];
  const rest = path.split('/');
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      place.pop();
      continue;
    }
    const at = join(top, ...place, name);
    if (!lstatSync(at).isSymbolicLink()) {
      place.push(name);
      continue;
    }
    const target = readlinkSync(at);
    const above = target.startsWith('/') ? '' : place.join('/');
    return inRoot(top, [above, target, ...rest].join('/'), links + 1);
  }
  return realpathSync(join(top, ...place));
}

/** Opens a folder as the program does, and closes it afterwards. */
export function withFolder<T>(path: string, use: (folder: number) => T): T {
  const folder = openSync(path, constants.O_DIRECTORY);
  try {
    fstatSync(folder);
    return use(folder);
  } finally {
    closeSync(folder);
  }
}
