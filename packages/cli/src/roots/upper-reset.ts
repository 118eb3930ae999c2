import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { answerOf, isFailure, type System, SystemError } from '../system/system.js';
import { bytesOf, bytesOfWord, textOf, wordOf } from '../system/text.js';
import { OPAQUE, WITHOUT_ATTRIBUTE } from './upper-entries.js';
import { discardedFolders, discardedName, placeIn, removeDiscarded } from './upper-removal.js';
import { inFolder, OUR_FOLDER, openBelow, STRICTLY } from './volume-folder.js';
import { openOrMakeOurs, readRecord, removeRecord, writeRecord } from './volume-record.js';

/** A path of ten times as many names is none that people keep something under. */
const MOST_NAMES = 100;

/**
 * What a reset is to do. It is written down on the volume before anything is done, and removed when all is: a reset that was killed in
 * between is taken up again by the next one, or by the next start.
 */
export interface ResetRecord {
  readonly version: 1;
  /** Paths in the root without a slash at either end, as text. */
  readonly keep: readonly string[];
}

/** What a reset leaves as it is: names in a folder, and what is kept of each. */
interface Kept extends Map<string, Kept | typeof ALL> {}

const ALL = 'all of it';

/**
 * Begins a reset of an upper: from now on there is no way back.
 *
 * @param volume - the top of the volume, open; the caller holds its lock
 * @throws SystemError
 */
export function beginReset(system: System, volume: number, keep: readonly string[]): void {
  const record: ResetRecord = { version: 1, keep };
  writeRecord(system, volume, 'reset.json', record, { flush: true });
}

/**
 * Does what a reset that was begun is to do, and it does not matter how much of it was done before: all that is not kept is moved
 * into `.ociwrap/old-NUMBER`, from which `removeDiscarded` removes it, and the record of the image goes. What is kept is not moved at
 * any time, nor are the folders that lead to it; they keep their owner, mode and attributes, but hide nothing of the image
 * any longer.
 *
 * @param volume - the top of the volume, open; the caller holds its lock, and knows that no container uses it
 * @returns whether there was anything to do
 * @throws CliError `ERR_VOLUME_RECORD` where what was begun is not known
 * @throws SystemError
 */
export function finishReset(system: System, volume: number): boolean {
  const record = readReset(system, volume);
  if (record === undefined) return false;
  const ours = openOrMakeOurs(system, volume);
  try {
    const discarded = discardInto(system, ours);
    try {
      for (const [name, kept] of foldersOf(record)) {
        const folder = openBelow(system, volume, name);
        if (folder === undefined) continue;
        try {
          empty(system, folder, kept, discarded);
        } finally {
          system.close(folder);
        }
      }
    } finally {
      discarded.close();
    }
    // What has moved must have, before the records say that it has.
    answerOf(system.syncfs(volume), OUR_FOLDER);
    removeRecord(system, volume, 'image.json');
    answerOf(system.fsync(ours), OUR_FOLDER);
    removeRecord(system, volume, 'reset.json');
    answerOf(system.fsync(ours), OUR_FOLDER);
  } finally {
    system.close(ours);
  }
  return true;
}

/** The reset that was begun; undefined for none. */
export function readReset(system: System, volume: number): ResetRecord | undefined {
  const value = readRecord(system, volume, 'reset.json');
  if (value === undefined) return undefined;
  const { version, keep } = (value ?? {}) as Record<string, unknown>;
  if (version !== 1 || !Array.isArray(keep) || !keep.every(isKeepable)) {
    throw new CliError(
      'ERR_VOLUME_RECORD',
      `the record ${quoted(`${OUR_FOLDER}/reset.json`)} is none of ours`,
      {
        hint: 'see what is on the volume, and remove the record: it was to finish an `ociwrap volume reset`',
      },
    );
  }
  return { version, keep };
}

/** Whether something can be kept by this path: names with slashes between them, none of them `.` or `..`. */
export function isKeepable(path: unknown): path is string {
  if (typeof path !== 'string') return false;
  const names = path.split('/');
  return (
    names.length <= MOST_NAMES &&
    names.every((name) => !['', '.', '..'].includes(name) && !name.includes('\0'))
  );
}

/** The folders that are emptied, and what is kept in each. */
function foldersOf({ keep: paths }: ResetRecord): readonly (readonly [name: string, kept: Kept])[] {
  const kept: Kept = new Map();
  for (const path of paths) keep(kept, path.split('/').map(wordOfText));
  return [
    ['upper', kept],
    ['work', new Map()],
  ];
}

const wordOfText = (text: string) => wordOf(bytesOf(text));

function keep(kept: Kept, [name = '', ...rest]: readonly string[]): void {
  const below = kept.get(name) ?? new Map();
  if (rest.length === 0) kept.set(name, ALL);
  else if (below !== ALL) {
    kept.set(name, below);
    keep(below, rest);
  }
}

/** A folder that takes what is to be deleted, made for the first of it. */
interface Discarded {
  readonly take: (folder: number, name: string) => void;
  readonly close: () => void;
}

function discardInto(system: System, ours: number): Discarded {
  let into: number | undefined;
  let count = 0;
  const open = (): number => {
    const name = discardedName((discardedFolders(system, ours).at(-1) ?? 0) + 1);
    answerOf(system.mkdir(inFolder(ours, name), 0o700), name);
    return answerOf(system.openat2(ours, name, 'folder', STRICTLY), name);
  };
  return {
    take: (folder, name) => {
      into ??= open();
      count += 1;
      const failure = system.rename(placeIn(folder, name), placeIn(into, String(count)));
      if (failure !== undefined) throw new SystemError(failure, textOf(bytesOfWord(name)));
    },
    close: () => {
      if (into !== undefined) system.close(into);
    },
  };
}

/** Discards all that is not kept. */
function empty(system: System, folder: number, kept: Kept, discarded: Discarded): void {
  for (const name of answerOf(system.readdir(inFolder(folder, '.'))).map(wordOf)) {
    const below = kept.get(name);
    if (below === ALL) continue;
    const child = below && openFolder(system, folder, name);
    if (below === undefined || child === undefined) {
      discarded.take(folder, name);
      continue;
    }
    try {
      clearOpaque(system, placeIn(folder, name));
      empty(system, child, below, discarded);
    } finally {
      system.close(child);
    }
  }
}

/** What is no folder has nothing in it that could be kept. */
function openFolder(system: System, folder: number, name: string): number | undefined {
  const child = system.openat2(folder, bytesOfWord(name), 'folder', STRICTLY);
  return isFailure(child) && (child.errno === 'ENOTDIR' || child.errno === 'ELOOP')
    ? undefined
    : answerOf(child, bytesOfWord(name));
}

/** A folder that hid the one of the image would hide it from what starts over, too. */
function clearOpaque(system: System, place: Uint8Array): void {
  const failure = system.removexattr(place, OPAQUE);
  if (failure !== undefined && !WITHOUT_ATTRIBUTE.includes(failure.errno)) answerOf(failure, place);
}

/** Whether a reset was begun, and is not known to have come to its end. */
export function isResetPending(system: System, volume: number): boolean {
  return readReset(system, volume) !== undefined;
}

/** As many entries of what is to be deleted a start removes: it must not take long. */
const MOST_OF_A_START = 10_000;

/**
 * What a start does with a reset that was killed: it finishes it, and removes some of what is to be deleted.
 *
 * @param volume - as for {@link finishReset}
 * @returns what to tell, if there was anything to do
 * @throws CliError and SystemError, as {@link finishReset}
 */
export function takeUpReset(system: System, volume: number): string | undefined {
  if (!finishReset(system, volume)) return undefined;
  const ours = openOrMakeOurs(system, volume);
  try {
    const { isComplete } = removeDiscarded(system, ours, MOST_OF_A_START);
    return `a reset that had not come to its end was finished${isComplete ? '' : `; \`ociwrap volume reset\` removes what is left in ${OUR_FOLDER}`}`;
  } finally {
    system.close(ours);
  }
}
