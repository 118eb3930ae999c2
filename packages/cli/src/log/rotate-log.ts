import { answerOf, isFailure, type System } from '../system/system.js';

/**
 * Renames a log to `FILE.1`, and older ones to the next number.
 *
 * The lock is flock(2) on the log itself, which the kernel gives back when a call is killed. Whoever has it looks whether the
 * name still leads to this file, so that one that another call has just begun is never taken for the old one; and renames the log
 * last, so that until then nobody else can begin. A call that is killed in between leaves a number free, which the next fills
 * before it gives up the oldest file.
 *
 * @param fd - the log, open
 * @returns whether the name leads to another file now, or to none; not while another call is at it: then the record belongs where
 *   it is open
 * @throws SystemError
 */
export function rotateLog(system: System, file: string, fd: number, keep: number): boolean {
  if (!answerOf(system.tryLock(fd), file)) return false;
  if (isAt(system, file, fd)) {
    for (let to = firstFree(system, file, keep); to > 0; to -= 1) {
      answerOf(system.rename(oldName(file, to - 1), oldName(file, to)), file);
    }
  }
  return true;
}

/** The name of an old log; 0 is the one that is written. */
export function oldName(file: string, age: number): string {
  return age === 0 ? file : `${file}.${age}`;
}

function isAt(system: System, file: string, fd: number): boolean {
  const { dev, ino } = answerOf(system.fstat(fd), file);
  const named = system.lstat(file);
  return !isFailure(named) && named.dev === dev && named.ino === ino;
}

/** The first number without a file; if all have one the last, whose file goes. */
function firstFree(system: System, file: string, keep: number): number {
  let age = 1;
  while (age < keep && !isFree(system, oldName(file, age))) age += 1;
  return age;
}

function isFree(system: System, path: string): boolean {
  const status = system.lstat(path);
  if (!isFailure(status)) return false;
  if (status.errno !== 'ENOENT') answerOf(status, path);
  return true;
}
