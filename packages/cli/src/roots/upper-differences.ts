import { type FileStatus, isFailure, type System } from '../system/system.js';
import { bytesOfWord } from '../system/text.js';
import { type UpperEntry, upperEntries } from './upper-entries.js';
import { answerAt, type WalkOptions } from './upper-tree.js';
import { STRICTLY } from './volume-folder.js';

/**
 * How a container's root differs from its image in one place. `added-or-changed` where the image is not at hand; `replaced` is a
 * folder of which nothing of the image is seen, only what is listed below it.
 */
export type Change = 'added-or-changed' | 'added' | 'changed' | 'replaced' | 'deleted';

/** A place where a container's root differs from its image. */
export interface Difference {
  /** As in {@link UpperEntry}. */
  readonly path: string;
  readonly change: Change;
  /** What is there now; absent for what is deleted. */
  readonly type?: FileStatus['type'];
  /** Part of what is there lies in the image, at another place: `redirect_dir` or `metacopy`. */
  readonly isRedirected?: true;
}

/**
 * What an upper says of the image below it, in the order of the paths.
 *
 * With the image at hand, what is as it was there is left out: a folder with the mode and owner of the image's is one that
 * only leads to something, and any other entry is unchanged if type, mode, owner, size and time are the same.
 *
 * @param upper - open for reading
 * @param image - the root of the image, open for reading
 */
export function* differences(
  system: System,
  upper: number,
  image: number | undefined,
  options?: WalkOptions,
): Generator<Difference, void, undefined> {
  let replaced: string | undefined;
  for (const entry of upperEntries(system, upper, options)) {
    const { path, meaning, status } = entry;
    if (replaced !== undefined && !path.startsWith(`${replaced}/`)) replaced = undefined;
    const below = image === undefined ? undefined : statusIn(system, image, path);
    if (meaning === 'whiteout') {
      if (image === undefined || below !== undefined) yield { path, change: 'deleted' };
      continue;
    }
    const change =
      image === undefined ? withoutImage(entry) : againstImage(entry, below, replaced !== undefined);
    if (change === 'replaced') replaced ??= path;
    if (change === undefined) continue;
    yield { path, change, type: status.type, ...(meaning === 'redirected' ? { isRedirected: true } : {}) };
  }
}

function withoutImage({ meaning }: UpperEntry): Change {
  return meaning === 'opaque' ? 'replaced' : 'added-or-changed';
}

function againstImage(
  { meaning, status }: UpperEntry,
  below: FileStatus | undefined,
  isHidden: boolean,
): Change | undefined {
  if (below === undefined) return 'added';
  if (status.type === 'directory' && below.type === 'directory' && meaning === 'opaque') return 'replaced';
  return isHidden || meaning === 'redirected' || isChanged(status, below) ? 'changed' : undefined;
}

/** As docker's diff has it (daemon/pkg/archive/changes.go of moby), but that the time of a folder says nothing. */
function isChanged(one: FileStatus, other: FileStatus): boolean {
  if (one.type !== other.type || one.mode !== other.mode || one.uid !== other.uid || one.gid !== other.gid) {
    return true;
  }
  if (one.type === 'directory') return false;
  const isSameDevice = one.major === other.major && one.minor === other.minor;
  return one.size !== other.size || one.mtimeNs !== other.mtimeNs || !isSameDevice;
}

/** What the image has at a path; undefined for nothing, and where the way leads over something that is no folder. */
function statusIn(system: System, image: number, path: string): FileStatus | undefined {
  const end = path.lastIndexOf('/');
  const folder = system.openat2(
    image,
    end === -1 ? '.' : bytesOfWord(path.slice(0, end)),
    'folder',
    STRICTLY,
  );
  if (isFailure(folder) && isNothing(folder.errno)) return undefined;
  const descriptor = answerAt(folder, path);
  try {
    const status = system.lstat(bytesOfWord(`/proc/self/fd/${descriptor}/${path.slice(end + 1)}`));
    return isFailure(status) && isNothing(status.errno) ? undefined : answerAt(status, path);
  } finally {
    system.close(descriptor);
  }
}

function isNothing(errno: string): boolean {
  return errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP';
}
