import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { type Failure, type FileStatus, isFailure, type System, SystemError } from '../system/system.js';
import { bytesOfWord, textOf, wordOf } from '../system/text.js';
import { inFolder, STRICTLY } from './volume-folder.js';

/** Longer paths no program can give to the kernel, and none can unpack (PATH_MAX of Linux, without its NUL). */
const LONGEST_PATH = 4095;

/**
 * Something in a tree. Its path and name have one character for each byte, as `wordOf` reads them: a name on a disk is bytes, and need
 * not be UTF-8.
 */
export interface TreeEntry {
  /** The names from the top, without a slash at either end. */
  readonly path: string;
  readonly name: string;
  readonly status: FileStatus;
  /** Leads to the entry itself, whatever its folder is called by now. Good until the next entry is asked for. */
  readonly place: Uint8Array;
}

/** How a tree is gone through. */
export interface WalkOptions {
  /** Is told of a folder that is not gone into, because the paths in it would be too long. Left out: that is an error. */
  readonly tellTooDeep?: (path: string) => void;
}

/** How a folder is opened that was there just now. */
const IS_ANOTHER: readonly string[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

interface OpenedFolder {
  readonly path: string;
  readonly status: FileStatus;
  /** Those that are still to be looked at, in the order of their bytes. */
  readonly names: readonly string[];
  next: number;
}

/**
 * Everything in a folder, depth first: an entry, then what is in it, in the order of the bytes of the names. Somebody else may
 * have made the tree, and be changing it: each folder is opened by its whole path beneath the top, without following anything,
 * and one descriptor is open at a time, however deep it is.
 *
 * @param top - open for reading
 * @throws CliError `ERR_VOLUME_CHANGING` where a folder is gone, or another one, when it is come to
 * @throws CliError `ERR_PATH_TOO_LONG` where a path is too long
 * @throws SystemError `EXDEV` where something is mounted in it
 */
export function* walkTree(
  system: System,
  top: number,
  { tellTooDeep = refuseDepth }: WalkOptions = {},
): Generator<TreeEntry, void, undefined> {
  const above: OpenedFolder[] = [];
  let descriptor = -1;
  const close = () => {
    if (descriptor >= 0) system.close(descriptor);
    descriptor = -1;
  };
  const open = (path: string): FileStatus => {
    close();
    const folder = system.openat2(top, path === '' ? '.' : bytesOfWord(path), 'folder', STRICTLY);
    if (isFailure(folder) && IS_ANOTHER.includes(folder.errno)) throw changing(path);
    descriptor = answerAt(folder, path);
    return answerAt(system.fstat(descriptor), path);
  };
  const enter = (path: string) => {
    const status = open(path);
    const names = answerAt(system.readdir(inFolder(descriptor, '.')), path)
      .map(wordOf)
      .sort();
    above.push({ path, status, names, next: 0 });
  };
  try {
    enter('');
    for (let folder = above.at(-1); folder !== undefined; folder = above.at(-1)) {
      const name = folder.names[folder.next++];
      if (name === undefined) {
        above.pop();
        close();
        continue;
      }
      if (descriptor < 0 && !isSame(open(folder.path), folder.status)) throw changing(folder.path);
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      const place = bytesOfWord(`/proc/self/fd/${descriptor}/${name}`);
      const status = system.lstat(place);
      // Removed since the folder was read.
      if (isFailure(status) && status.errno === 'ENOENT') continue;
      const entry = { path, name, status: answerAt(status, path), place };
      yield entry;
      if (entry.status.type !== 'directory') continue;
      if (path.length >= LONGEST_PATH - 1) tellTooDeep(path);
      else enter(path);
    }
  } finally {
    close();
  }
}

function isSame(one: FileStatus, other: FileStatus): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** A path as it is shown to people. */
export function shownPath(path: string): string {
  return `/${textOf(bytesOfWord(path))}`;
}

/** The answer of a call about an entry; a failure is thrown with its path. */
export function answerAt<T>(answer: T | Failure, path: string): T {
  if (isFailure(answer)) throw new SystemError(answer, shownPath(path));
  return answer;
}

/** @throws always */
function refuseDepth(path: string): never {
  throw new CliError('ERR_PATH_TOO_LONG', `the paths in the folder ${quoted(shownPath(path))} are too long`);
}

export function changing(path: string): CliError {
  return new CliError('ERR_VOLUME_CHANGING', `${quoted(shownPath(path))} was replaced while it was read`);
}
