import { lstatSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';

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
export function rotateLog(file: string, maxSize: number): unknown | undefined {
  const lock = `${file}.rotating`;
  try {
    if (!isTooLarge(file, maxSize)) return undefined;
    removeStale(lock);
    mkdirSync(lock, 0o700);
    try {
      if (isTooLarge(file, maxSize)) renameSync(file, `${file}.1`);
    } finally {
      rmdirSync(lock);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Only of regular files: a device or a FIFO is never full, and a symlink is not written to. */
function isTooLarge(file: string, maxSize: number): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size > maxSize;
}

function removeStale(lock: string): void {
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (stat !== undefined && Date.now() - stat.mtimeMs > STALE_LOCK_MS) rmdirSync(lock);
}
