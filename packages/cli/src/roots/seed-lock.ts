import { CliError } from '../cli-error.js';
import { answerOf, isFailure, OPEN, type System, SystemError } from '../system/system.js';
import { inFolder, STRICTLY } from './volume-folder.js';
import { openOrMakeOurs } from './volume-record.js';

/** The right to fill a volume. */
export interface SeedLock {
  /** @param isFilled - nobody needs the lock any more: its file goes away */
  release(isFilled: boolean): void;
}

const LOCK_FILE = 'seed.lock';

/**
 * Takes two locks (flock(2)), which end with the process. That of the folder itself leaves nothing behind, and nobody can put another
 * folder in its place; but on NFS it is this machine's alone. There a lock on a file that is open for writing is the server's
 * (flock(2), "NFS details").
 *
 * @param volume - the volume's top, open
 * @returns undefined while another program has one of them
 * @throws CliError `ERR_VOLUME_RECORD`
 * @throws SystemError
 */
export function takeSeedLock(system: System, volume: number): SeedLock | undefined {
  // A descriptor of its own: that of the caller may be locked, or live on when the volume has been filled.
  const folder = answerOf(system.openat2(volume, '.', 'folder', STRICTLY), 'volume');
  let file: number | undefined;
  const release = (isFilled: boolean) => {
    // Who waits with it open takes it, and finds the volume filled.
    if (isFilled) removeLockFile(system, volume);
    if (file !== undefined) system.close(file);
    system.close(folder);
  };
  try {
    if (answerOf(system.tryLock(folder), 'volume')) {
      file = openLockFile(system, volume);
      if (answerOf(system.tryLock(file), LOCK_FILE)) return { release };
    }
  } catch (error) {
    release(false);
    throw error;
  }
  release(false);
  return undefined;
}

function removeLockFile(system: System, volume: number): void {
  const ours = openOrMakeOurs(system, volume);
  system.unlink(inFolder(ours, LOCK_FILE)); // one that stays does no harm
  system.close(ours);
}

/** A container may have put anything there, and to open a device has effects: only a regular file is opened. */
function openLockFile(system: System, volume: number): number {
  const ours = openOrMakeOurs(system, volume);
  try {
    const path = inFolder(ours, LOCK_FILE);
    const made = system.open(path, OPEN.readWrite + OPEN.create + OPEN.exclusive + OPEN.noFollow, 0o600);
    if (!isFailure(made)) return made;
    if (made.errno !== 'EEXIST') throw new SystemError(made, path);
    const found = answerOf(system.openat2(ours, LOCK_FILE, 'path', STRICTLY), LOCK_FILE);
    try {
      if (answerOf(system.fstat(found), LOCK_FILE).type === 'file')
        return answerOf(system.open(`/proc/self/fd/${found}`, OPEN.readWrite), LOCK_FILE);
    } finally {
      system.close(found);
    }
  } finally {
    system.close(ours);
  }
  throw new CliError('ERR_VOLUME_RECORD', 'the file ".ociwrap/seed.lock" on the volume is no regular file', {
    hint: 'remove it, with a program that does not open it',
    details: { record: LOCK_FILE },
  });
}
