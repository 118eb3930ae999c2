import { type Failure, isFailure, type System } from '../system/system.js';
import { bytesOfWord, wordOf } from '../system/text.js';
import { STRICTLY } from './volume-folder.js';

/** How a folder of what is to be deleted is called, in the folder of ours; a number follows. */
const DISCARDED = /^old-(\d+)$/;

/** As many failures are told one by one. */
const MOST_TOLD = 10;

/** An entry that stays, and why. */
export interface NotRemoved extends Failure {
  /** From the folder of ours. */
  readonly name: string;
}

/** What came of a removal. */
export interface Removal {
  readonly removed: number;
  /** Whether nothing is left. */
  readonly isComplete: boolean;
  /** The first entries that cannot be removed. */
  readonly failures: readonly NotRemoved[];
}

/** A path of an entry of an open folder. Names have one character for each byte. */
export function placeIn(folder: number, name: string): Uint8Array {
  return bytesOfWord(`/proc/self/fd/${folder}/${name}`);
}

/** The folders of what is to be deleted, as their numbers. */
export function discardedFolders(system: System, ours: number): readonly number[] {
  const names = system.readdir(placeIn(ours, '.'));
  if (isFailure(names)) return [];
  const numbers = names.flatMap((name) => DISCARDED.exec(wordOf(name))?.[1] ?? []).map(Number);
  return numbers.sort((one, other) => one - other);
}

/** The name of a folder of what is to be deleted. */
export function discardedName(number: number): string {
  return `old-${number}`;
}

/**
 * Removes what resets have put aside, until nothing is left or so many entries are gone. It can end anywhere, and be begun again.
 *
 * Nothing is gone into deeper than one level, however deep a container has built it: a folder that is not empty gives the folders
 * in it to the one at the top, where they are come to later.
 *
 * @param ours - the folder of ours, open
 */
export function removeDiscarded(system: System, ours: number, most = Number.POSITIVE_INFINITY): Removal {
  let removed = 0;
  let isComplete = true;
  const failures: NotRemoved[] = [];
  const count = () => {
    removed += 1;
    return removed < most;
  };
  for (const name of discardedFolders(system, ours).map(discardedName)) {
    if (removed >= most) return { removed, isComplete: false, failures };
    const left = removeFolder(system, ours, name, count);
    isComplete = isComplete && left === undefined;
    failures.push(...(left ?? []).slice(0, MOST_TOLD - failures.length));
  }
  return { removed, isComplete, failures };
}

/** Counts an entry that is gone. False where no more may go. */
type Count = () => boolean;

/** @returns undefined where nothing is left, else what cannot be removed, which is nothing where the count has ended it */
function removeFolder(
  system: System,
  ours: number,
  folder: string,
  count: Count,
): readonly NotRemoved[] | undefined {
  const top = system.openat2(ours, folder, 'folder', STRICTLY);
  if (isFailure(top)) {
    // A container may have put anything under that name, where the volume is its root.
    const failure = system.unlink(placeIn(ours, folder));
    return failure && [{ ...failure, name: folder }];
  }
  try {
    for (;;) {
      const { failures, hasMoved, isEnded } = removeRound(system, top, count);
      if (isEnded) return [];
      if (failures.length > 0 && !hasMoved) {
        return failures.map(({ name, ...failure }) => ({ ...failure, name: `${folder}/${name}` }));
      }
      if (!hasMoved) break;
    }
  } finally {
    system.close(top);
  }
  const failure = system.rmdir(placeIn(ours, folder));
  return failure && [{ ...failure, name: folder }];
}

interface Round {
  readonly failures: readonly NotRemoved[];
  /** Whether there are new entries at the top, for the next round. */
  readonly hasMoved: boolean;
  readonly isEnded: boolean;
}

/** Goes once through what is at the top. */
function removeRound(system: System, top: number, count: Count): Round {
  const names = system.readdir(placeIn(top, '.'));
  if (isFailure(names)) return { failures: [{ ...names, name: '.' }], hasMoved: false, isEnded: false };
  const words = names.map(wordOf);
  let free = words.reduce((most, name) => (NUMBER.test(name) ? Math.max(most, Number(name)) : most), 0);
  let hasMoved = false;
  const failures: NotRemoved[] = [];
  const moveUp = (from: Uint8Array) => {
    free += 1;
    hasMoved = true;
    return system.rename(from, placeIn(top, String(free)));
  };
  for (const name of words) {
    const failure = removeEntry(system, top, name, { moveUp, count });
    if (failure === 'ended') return { failures, hasMoved, isEnded: true };
    if (failure !== undefined && failures.length < MOST_TOLD) failures.push({ ...failure, name });
  }
  return { failures, hasMoved, isEnded: false };
}

/** Names that we give. */
const NUMBER = /^\d{1,15}$/;

interface RemovalMeans {
  readonly moveUp: (from: Uint8Array) => undefined | Failure;
  readonly count: Count;
}

/** Removes an entry of the top, and what is in it but for folders that are not empty: those move up. */
function removeEntry(
  system: System,
  top: number,
  name: string,
  { moveUp, count }: RemovalMeans,
): undefined | 'ended' | Failure {
  const place = placeIn(top, name);
  const failure = removeOne(system, place);
  if (failure === undefined) return count() ? undefined : 'ended';
  if (failure.errno !== 'ENOTEMPTY') return failure;
  const folder = system.openat2(top, bytesOfWord(name), 'folder', STRICTLY);
  if (isFailure(folder)) return folder;
  try {
    const children = system.readdir(placeIn(folder, '.'));
    if (isFailure(children)) return children;
    for (const child of children.map(wordOf)) {
      const from = placeIn(folder, child);
      const left = removeOne(system, from);
      const unmoved = left?.errno === 'ENOTEMPTY' ? moveUp(from) : left;
      if (unmoved !== undefined) return unmoved;
      if (left === undefined && !count()) return 'ended';
    }
  } finally {
    system.close(folder);
  }
  return removeOne(system, place) ?? (count() ? undefined : 'ended');
}

/** Removes a file, or a folder that is empty; ENOTEMPTY for one that is not. */
function removeOne(system: System, place: Uint8Array): undefined | Failure {
  const failure = system.unlink(place);
  if (failure === undefined || failure.errno === 'ENOENT') return undefined;
  if (failure.errno !== 'EISDIR') return failure;
  const kept = system.rmdir(place);
  // rmdir(2) has either for it.
  return kept?.errno === 'EEXIST' ? { ...kept, errno: 'ENOTEMPTY' } : kept;
}
