import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The process that writes, and a number that it gives to no other file. */
const TEMPORARY_NAME = /^\.(\d+)-\d+$/;

/**
 * Replaces a file of ours whole or not at all: written beside its place (`.PID-NUMBER`), then renamed. What calls that were
 * killed in between have left there is removed, here, where a folder is written to anyway.
 *
 * @param flush - the file must be whole after a crash of the machine, too
 */
export function replaceFile(path: string, bytes: string | Uint8Array, { flush = false } = {}): void {
  const folder = dirname(path);
  const fresh = join(folder, `.${process.pid}-${process.hrtime.bigint()}`);
  try {
    const descriptor = openSync(fresh, 'wx', 0o600);
    try {
      writeFileSync(descriptor, bytes);
      if (flush) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  sweepTemporaries(folder);
}

/** A file that stays does no harm: its number may be another process's by now, or its folder be in use from elsewhere. */
function sweepTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = TEMPORARY_NAME.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

/** A process of another pid namespace passes for one that is gone: its write then fails, and a later call makes it good. */
function isRunning(pid: number): boolean {
  // What it has left by the same number was left by one before it: it writes one file at a time, and has renamed it.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
