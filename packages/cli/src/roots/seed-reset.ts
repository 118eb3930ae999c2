import { CliError } from '../cli-error.js';
import { type Failure, isFailure, type System, SystemError } from '../system/system.js';
import { textOf } from '../system/text.js';
import { NO_BOOT, readSeedRecord, writeSeedRecord } from './seed-record.js';
import { type ImageIdentity, removeRecord } from './volume-record.js';

/** Milliseconds of one slice of work. */
const SLICE = 1000;

/** Of a volume whose record cannot be read. */
const NO_IMAGE: ImageIdentity = { name: null, fingerprint: '' };

/**
 * Empties a volume that was filled from an image, so that the next start fills it again. First of all its record says that nothing on
 * it is to be relied on: a start that finds what a reset has left removes the rest by itself, and fills it.
 *
 * @param volume - the top of the volume, open; the caller holds the lock of the filling, and knows that no container uses it
 * @returns how many entries it had
 * @throws SystemError
 */
export function emptySeeded(system: System, volume: number): bigint {
  writeSeedRecord(system, volume, { state: 'filling', bootId: NO_BOOT, image: imageOf(system, volume) });
  const removed = clear(system, volume);
  removeRecord(system, volume, 'seed.json');
  return removed;
}

function imageOf(system: System, volume: number): ImageIdentity {
  try {
    return readSeedRecord(system, volume)?.image ?? NO_IMAGE;
  } catch (error) {
    if (error instanceof CliError) return NO_IMAGE;
    throw error;
  }
}

function clear(system: System, volume: number): bigint {
  const failed = (failure: Failure) => new SystemError(failure, `/${textOf(system.treeNotes().path)}`);
  try {
    const begun = system.beginTree('clear', { image: volume, volume });
    if (begun !== undefined) throw failed(begun);
    for (;;) {
      const progress = system.continueTree(SLICE);
      if (isFailure(progress)) throw failed(progress);
      if (progress.isDone) return progress.entries;
    }
  } finally {
    system.endTree();
  }
}
