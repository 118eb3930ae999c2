import { basename, dirname } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { answerOf, type FileStatus, isFailure, type System } from '../system/system.js';
import { textOf, wordOf } from '../system/text.js';
import { freshPath, type Layout, originalPath, WRAPPER_NAME } from './layout.js';
import { isOwnProgram } from './own-program.js';
import { unsafeFolder } from './unsafe-folder.js';

/** What stands where a program is, or was, whose place is taken. */
export interface FoundPlace {
  readonly path: string;
  readonly original: string;
  /**
   * `ours`: the link to the wrapper; `self`: a copy of this program, or a file of the installation; `script`: one that calls
   * its `.real`; `other`: nothing that could be a runtime.
   */
  readonly at: 'missing' | 'ours' | 'program' | 'self' | 'script' | 'symlink' | 'other';
  /** Where a symlink leads in the end. */
  readonly leadsTo?: string;
  /** `same`: the program at the path by its second name. */
  readonly kept: 'missing' | 'same' | 'another';
  readonly leftovers: readonly string[];
  /** A folder above that others may change. */
  readonly unsafe?: string;
}

/** Looks at a path that is taken, or is to be. */
export function readPlace(system: System, layout: Layout, path: string): FoundPlace {
  const original = originalPath(path);
  const found = statusOf(system, path);
  const kept = statusOf(system, original);
  const unsafe = unsafeFolder(system, dirname(path));
  const leadsTo = found?.type === 'symlink' ? system.realpath(path) : undefined;
  return {
    path,
    original,
    at: kindOf(system, layout, path, found),
    ...(leadsTo === undefined || isFailure(leadsTo) ? {} : { leadsTo: textOf(leadsTo) }),
    kept: kept === undefined ? 'missing' : isSame(found, kept) ? 'same' : 'another',
    leftovers: [freshPath(path), freshPath(original)].filter((each) => statusOf(system, each) !== undefined),
    ...(unsafe === undefined ? {} : { unsafe }),
  };
}

/** The link that takes the place. */
export function wrapperPath({ bin }: Layout): string {
  return `${bin}/${WRAPPER_NAME}`;
}

function kindOf(
  system: System,
  layout: Layout,
  path: string,
  found: FileStatus | undefined,
): FoundPlace['at'] {
  if (found === undefined) return 'missing';
  if (isInside(system, layout, path)) return 'self';
  if (found.type === 'symlink') {
    const target = textOf(answerOf(system.readlink(path), path));
    if (target === wrapperPath(layout)) return 'ours';
    const leadsTo = system.realpath(path);
    return !isFailure(leadsTo) && isInside(system, layout, textOf(leadsTo)) ? 'self' : 'symlink';
  }
  if (found.type !== 'file' || !system.mayExecute(path)) return 'other';
  const bytes = answerOf(readFile(system, path), path);
  if (isOwnProgram(bytes)) return 'self';
  return callsOriginal(bytes, path) ? 'script' : 'program';
}

/** By whatever way its folder is reached. */
function isInside(system: System, { prefix }: Layout, path: string): boolean {
  const [folder, ours] = [system.realpath(dirname(path)), system.realpath(prefix)];
  if (isFailure(folder) || isFailure(ours)) return false;
  return `${textOf(folder)}/`.startsWith(`${textOf(ours)}/`);
}

/** As the scripts of the GPU operator's toolkit do, which set the environment of the program beside them. */
function callsOriginal(bytes: Uint8Array, path: string): boolean {
  const isScript = bytes[0] === 0x23 && bytes[1] === 0x21; // #!
  return isScript && wordOf(bytes).includes(basename(originalPath(path)));
}

function isSame(one: FileStatus | undefined, other: FileStatus): boolean {
  return one !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function statusOf(system: System, path: string): FileStatus | undefined {
  const found = system.lstat(path);
  if (isFailure(found) && (found.errno === 'ENOENT' || found.errno === 'ENOTDIR')) return undefined;
  return answerOf(found, path);
}
