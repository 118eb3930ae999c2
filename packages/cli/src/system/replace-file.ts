import { dirname, join } from './paths.js';
import { answerOf, isFailure, OPEN, type System } from './system.js';
import { bytesOf, textOf } from './text.js';
import { writeAll } from './write-all.js';

/** The process that writes, and a number that it gives to no other file. */
const TEMPORARY_NAME = /^\.(\d+)-\d+$/;

/**
 * Replaces a file of ours whole or not at all: written beside its place (`.PID-NUMBER`), then renamed. What calls that were
 * killed in between have left there is removed, here, where a folder is written to anyway.
 *
 * @param flush - the file must be whole after a crash of the machine, too
 * @param mode - whatever the caller's umask allows or forbids
 */
export function replaceFile(
  system: System,
  path: string,
  content: string | Uint8Array,
  { flush = false, mode }: { readonly flush?: boolean; readonly mode?: number } = {},
): void {
  const folder = dirname(path);
  const fresh = join(folder, `.${system.getpid()}-${Math.trunc(system.now())}`);
  try {
    const fd = answerOf(system.open(fresh, OPEN.write + OPEN.create + OPEN.exclusive, 0o600), fresh);
    try {
      answerOf(writeAll(system, fd, bytesOf(content)));
      if (mode !== undefined) answerOf(system.fchmod(fd, mode), fresh);
      if (flush) answerOf(system.fsync(fd));
    } catch (error) {
      system.close(fd);
      throw error;
    }
    answerOf(system.close(fd));
    answerOf(system.rename(fresh, path), path);
  } catch (error) {
    system.unlink(fresh);
    throw error;
  }
  sweepTemporaries(system, folder);
}

/** A file that stays does no harm: its number may be another process's by now, or its folder be in use from elsewhere. */
function sweepTemporaries(system: System, folder: string): void {
  const names = system.readdir(folder);
  if (isFailure(names)) return;
  for (const name of names.map(textOf)) {
    const pid = TEMPORARY_NAME.exec(name)?.[1];
    if (pid !== undefined && isLeft(system, Number(pid))) system.unlink(join(folder, name));
  }
}

/**
 * Whether the process that wrote is gone. One of another pid namespace passes for that: its write then fails, and a later
 * call makes it good. What bears our own number was left by one before us: this process has renamed what it wrote.
 */
function isLeft(system: System, pid: number): boolean {
  return pid === system.getpid() || !system.isRunning(pid);
}
