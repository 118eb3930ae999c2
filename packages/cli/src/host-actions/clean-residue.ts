import type { CleanResidue, PinnedPath, VolumeResidue } from '@opencontainers-ts/rootfs-rewriter';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import { answerOf, type ExpectedEntry, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import type { ActionNote } from './action-note.js';
import { holdLock, releaseLock, sweepLocks } from './lock-file.js';
import { placeInVolume } from './place-in-volume.js';
import { isAlive, type ProcessId } from './process-id.js';
import {
  NO_RESIDUE,
  prepareFolder,
  type ResidueRecord,
  readRecord,
  recordPath,
  writeRecord,
} from './residue-record.js';
import { isVolumeInUse } from './volume-in-use.js';

/** Entries of a folder that are looked at: a container may fill its volume. */
const MOST_ENTRIES = 10_000;

/**
 * Entries of each kind that a record keeps: ten times what an injection leaves. By its links a volume may say another place
 * of up to 4 KiB at each start, and by one that stands in the way keep each of them in the record.
 */
const MOST_RECORDED = 1000;

/** What went wrong with single entries, as far as it is told. */
const MOST_FAILURES = 10;

/**
 * Removes from a volume what injections before left there, and remembers what this start will leave.
 *
 * What is removed: recorded mount points that are empty files still, recorded links that still lead where the hook led
 * them, and files and folders that NVIDIA's hooks make anew at each start. Nothing is removed while another
 * container of this node runs, or starts, on the volume.
 *
 * @param self - this process, which is the start
 */
export function cleanResidue(
  system: System,
  { volume, creates }: CleanResidue,
  root: PinnedPath,
  folder: string,
  self: ProcessId | undefined,
): readonly ActionNote[] {
  const path = recordPath(folder, volume, root.ino);
  if (creates.mountPoints.length === 0 && creates.links.length === 0 && !hasRecord(system, path)) return [];
  const umask = system.umask(0o077);
  try {
    prepareFolder(system, folder);
    const lock = holdLock(system, `${path}.lock`);
    if (lock === undefined) {
      return [
        {
          level: 'warn',
          msg: `another start holds the record of ${quoted(root.path)}: nothing is cleaned`,
        },
      ];
    }
    try {
      return renewRecord(system, path, root, creates, self);
    } finally {
      releaseLock(system, lock);
      sweepLocks(system, folder);
    }
  } finally {
    system.umask(umask);
  }
}

/** A record that cannot be looked at is one: what is wrong with it is said where it is read. */
function hasRecord(system: System, path: string): boolean {
  try {
    return readRecord(system, path) !== undefined;
  } catch {
    return true;
  }
}

function renewRecord(
  system: System,
  path: string,
  root: PinnedPath,
  creates: VolumeResidue,
  self: ProcessId | undefined,
): readonly ActionNote[] {
  const notes: ActionNote[] = [];
  const record = believedRecord(system, path, notes);
  const others = record.starts.filter((start) => start.pid !== self?.pid && isAlive(system, start));
  // We stand before the runtime behind us, too, which became it: what is there is of this start, and what it asked for
  // first is no longer in the spec.
  const isAgain = record.starts.some(
    (start) => start.pid === self?.pid && start.startTime === self.startTime,
  );
  const left = isAgain
    ? record
    : others.length > 0 || isVolumeInUse(system, root)
      ? usedBy(root, record, notes)
      : clean(system, root, record, notes);
  const fresh = newResidue(system, root, creates, notes);
  writeRecord(system, path, joined(left, fresh, self === undefined ? others : [...others, self]));
  return shortened(notes);
}

/** The log is the node's, and a volume may fail in each of its entries. */
function shortened(notes: readonly ActionNote[]): readonly ActionNote[] {
  const warnings = notes.filter(({ level }) => level === 'warn');
  if (warnings.length <= MOST_FAILURES) return notes;
  const more = warnings.length - MOST_FAILURES;
  return [
    ...notes.filter(({ level }) => level !== 'warn'),
    ...warnings.slice(0, MOST_FAILURES),
    { level: 'warn', msg: `and ${more} more entries are left as they are` },
  ];
}

/** What the record of a crash or of a later version says is unknown: it is made anew. */
function believedRecord(system: System, path: string, notes: ActionNote[]): ResidueRecord {
  try {
    return readRecord(system, path) ?? NO_RESIDUE;
  } catch (error) {
    const { message } = error as Error;
    notes.push({ level: 'warn', msg: `the record of residue cannot be used: ${printable(message)}` });
    return NO_RESIDUE;
  }
}

function usedBy({ path }: PinnedPath, record: ResidueRecord, notes: ActionNote[]): VolumeResidue {
  notes.push({ level: 'info', msg: `${quoted(path)} is in use on this node: nothing is cleaned` });
  return record;
}

/** @returns what is still to be removed, because it could not be */
function clean(
  system: System,
  root: PinnedPath,
  { mountPoints, links }: VolumeResidue,
  notes: ActionNote[],
): VolumeResidue {
  let removed = 0;
  const couldNotRemove = (entry: string, expected: ExpectedEntry) => {
    try {
      if (answerOf(system.removeBeneath(root, entry, expected)) === 'removed') removed += 1;
      return false;
    } catch (error) {
      notes.push(failure(root, entry, error));
      return true;
    }
  };
  const left = {
    mountPoints: mountPoints.filter((entry) => couldNotRemove(entry, { kind: 'empty-file' })),
    links: links.filter(({ path, target }) => couldNotRemove(path, { kind: 'symlink', target })),
  };
  for (const [entry, expected] of madeByHooks(system, root, notes)) couldNotRemove(entry, expected);
  if (removed > 0) {
    notes.push({
      level: 'info',
      msg: `${removed} entries of earlier injections removed from ${quoted(root.path)}`,
    });
  }
  return left;
}

/** What `update-ldcache` of nvidia-cdi-hook and nvidia-ctk leaves at each start, with a new name each time. */
function madeByHooks(
  system: System,
  root: PinnedPath,
  notes: ActionNote[],
): readonly [string, ExpectedEntry][] {
  const configs = names(system, root, 'etc/ld.so.conf.d', notes).filter((name) =>
    /^(00|zz)-nvcr-.*\.conf$/.test(name),
  );
  const scratch = names(system, root, 'run/nvidia-ctk-hook', notes);
  return [
    ...configs.map((name): [string, ExpectedEntry] => [`etc/ld.so.conf.d/${name}`, { kind: 'file' }]),
    ...scratch.map((name): [string, ExpectedEntry] => [
      `run/nvidia-ctk-hook/${name}`,
      { kind: 'empty-directory' },
    ]),
  ];
}

function names(system: System, root: PinnedPath, folder: string, notes: ActionNote[]): readonly string[] {
  try {
    return answerOf(system.listBeneath(root, folder, MOST_ENTRIES)).map(textOf);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code !== 'ENOENT' && code !== 'ENOTDIR') notes.push(failure(root, folder, error));
    return [];
  }
}

/** What is not there yet, by the place where it will be: what is there belongs to the volume. */
function newResidue(
  system: System,
  root: PinnedPath,
  { mountPoints, links }: VolumeResidue,
  notes: ActionNote[],
): VolumeResidue {
  const missingPlace = (entry: string): readonly string[] => {
    try {
      const place = placeInVolume(system, root, entry);
      return answerOf(system.lookBeneath(root, place)) === undefined ? [place] : [];
    } catch (error) {
      notes.push(failure(root, entry, error));
      return [];
    }
  };
  return {
    mountPoints: mountPoints.flatMap(missingPlace),
    links: links.flatMap(({ path, target }) => missingPlace(path).map((place) => ({ path: place, target }))),
  };
}

function joined(left: VolumeResidue, fresh: VolumeResidue, starts: readonly ProcessId[]): ResidueRecord {
  const links = new Map(
    [...left.links, ...fresh.links].map((link) => [`${link.path}\0${link.target}`, link]),
  );
  return {
    mountPoints: [...new Set([...left.mountPoints, ...fresh.mountPoints])].slice(-MOST_RECORDED),
    links: [...links.values()].slice(-MOST_RECORDED),
    starts,
  };
}

function failure(root: PinnedPath, entry: string, error: unknown): ActionNote {
  const { code } = error as { readonly code?: string };
  if (code === undefined) throw error;
  return { level: 'warn', msg: `${quoted(`${root.path}/${entry}`)} is left as it is: ${code}` };
}
