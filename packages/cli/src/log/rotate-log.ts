import { answerOf, type FileStatus, isFailure, type System } from '../system/system.js';

/** A lock that is older belongs to a call that was killed while it held it; a rotation takes microseconds. */
const STALE_LOCK_MS = 10_000;

/**
 * Renames a log that has grown beyond a size to `FILE.1`, in place of the one that was there.
 *
 * Many calls write the log at once. Who makes the folder `FILE.rotating` looks once more and renames, so that a log
 * that another call has just begun is never taken for the old one; the others go on and write, at worst, the last
 * lines of the old file.
 *
 * @returns what went wrong, if something did: a log that cannot be rotated is written all the same
 */
export function rotateLog(system: System, file: string, maxSize: number): unknown | undefined {
  const lock = `${file}.rotating`;
  try {
    if (!isTooLarge(system, file, maxSize)) return undefined;
    removeStale(system, lock);
    answerOf(system.mkdir(lock, 0o700));
    try {
      if (isTooLarge(system, file, maxSize)) answerOf(system.rename(file, `${file}.1`));
    } finally {
      system.rmdir(lock); // one that stays is stale in a moment
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Only of regular files: a device or a FIFO is never full, and a symlink is not written to. */
function isTooLarge(system: System, file: string, maxSize: number): boolean {
  const status = statusOf(system, file);
  return status?.type === 'file' && status.size > maxSize;
}

function removeStale(system: System, lock: string): void {
  const status = statusOf(system, lock);
  if (status !== undefined && system.now() - Number(status.mtimeNs / 1_000_000n) > STALE_LOCK_MS) {
    answerOf(system.rmdir(lock));
  }
}

function statusOf(system: System, path: string): FileStatus | undefined {
  const status = system.lstat(path);
  return isFailure(status) && status.errno === 'ENOENT' ? undefined : answerOf(status);
}
