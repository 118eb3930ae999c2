import type { Host, HostEntry } from '@opencontainers-ts/rootfs-rewriter';
import type { FileSystem } from '@opencontainers-ts/runtime-resolver';

import { parseMountInfo } from './mount-info.js';
import { readFile } from './read-file.js';
import {
  answerOf,
  type Failure,
  type FileStatus,
  isFailure,
  OPEN,
  type Path,
  type System,
} from './system.js';
import { textOf } from './text.js';

const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** Gives undefined for a path that is not there; a path that cannot be looked at is the caller's to judge. */
function unlessMissing<T>(answer: T | Failure, path: Path): T | undefined {
  return isFailure(answer) && NOT_THERE.has(answer.errno) ? undefined : answerOf(answer, path);
}

/**
 * The machine as rules and resolver see it: read-only, synchronous, nothing cached, for a call lives for
 * milliseconds and decides on what is there now.
 */
export function systemHost(system: System): Host & FileSystem {
  return {
    lstat: (path) => {
      const status = unlessMissing(system.lstat(path), path);
      return status === undefined ? undefined : entryOf(system, path, status);
    },
    stat: (path) => {
      const status = unlessMissing(system.stat(path), path);
      if (status === undefined) return undefined;
      const { dev, ino, type, uid, mode } = status;
      return {
        dev,
        ino,
        isFile: type === 'file',
        isDirectory: type === 'directory',
        executable: system.mayExecute(path),
        uid,
        mode,
      };
    },
    realpath: (path) => {
      const real = unlessMissing(system.realpath(path), path);
      return real === undefined ? undefined : textOf(real);
    },
    readFile: (path) => unlessMissing(readFile(system, path), path),
    head: (path, bytes) => {
      const fd = answerOf(system.open(path, OPEN.read + OPEN.nonBlocking), path);
      try {
        return answerOf(system.read(fd, bytes), path);
      } finally {
        system.close(fd);
      }
    },
    readDirectory: (path) => {
      const names = system.readdir(path);
      if (isFailure(names) && names.errno === 'ENOENT') return undefined;
      return answerOf(names, path).map(textOf);
    },
    mountInfo: () => parseMountInfo(textOf(answerOf(readFile(system, '/proc/self/mountinfo')))),
    resolveBeneath: (root, path) => {
      const whole = `${root}/${path}`;
      return { path: whole, ...answerOf(system.resolveBeneath(root, path), whole) };
    },
  };
}

function entryOf(system: System, path: string, status: FileStatus): HostEntry {
  const { dev, ino, mode, uid, gid, size } = status;
  const entry = { dev, ino, mode, uid, gid };
  switch (status.type) {
    case 'file':
      return { ...entry, type: 'file', size: Number(size) };
    case 'symlink':
      return { ...entry, type: 'symlink', target: textOf(answerOf(system.readlink(path), path)) };
    case 'block-device':
    case 'character-device': {
      const { major, minor } = status;
      const kind = status.type === 'block-device' ? 'block' : 'character';
      return { ...entry, type: 'device', device: { kind, major, minor } };
    }
    case 'socket':
      return { ...entry, type: 'other' };
    default:
      return { ...entry, type: status.type };
  }
}
