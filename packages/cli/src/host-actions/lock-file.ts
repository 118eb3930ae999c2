import { join } from '../system/paths.js';
import { removeFile } from '../system/remove-file.js';
import { answerOf, isFailure, OPEN, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** How long another start is waited for, in milliseconds: less than an engine waits for a `create`. */
const WAIT_FOR_A_START = 2000;

const BETWEEN_TRIES = 20;

/** A lock that is held. It is the file's, and goes with the process; its name is taken away when the lock is released. */
export interface HeldLock {
  readonly path: string;
  readonly descriptor: number;
}

/**
 * Takes the lock of a name, whose file is made if need be.
 *
 * @param longestWait - for others, in milliseconds
 * @returns undefined when others have held it all the time
 */
export function holdLock(system: System, path: string, longestWait = WAIT_FOR_A_START): HeldLock | undefined {
  for (let waited = 0; waited < longestWait; waited += BETWEEN_TRIES) {
    const lock = openLock(system, path, OPEN.create);
    if (lock !== undefined) return lock;
    system.sleep(BETWEEN_TRIES);
  }
  return undefined;
}

/** The name first, while the lock is held: who has opened the file meanwhile finds that it is the lock of nothing. */
export function releaseLock(system: System, { path, descriptor }: HeldLock): void {
  removeFile(system, path);
  answerOf(system.close(descriptor), path);
}

/** Removes what killed calls have left: files that nobody holds. */
export function sweepLocks(system: System, folder: string): void {
  for (const name of answerOf(system.readdir(folder), folder).map(textOf)) {
    const lock = name.endsWith('.lock') ? openLock(system, join(folder, name), 0) : undefined;
    if (lock !== undefined) releaseLock(system, lock);
  }
}

/** The lock if nobody has it, and its file still has the name. */
function openLock(system: System, path: string, create: 0 | typeof OPEN.create): HeldLock | undefined {
  const opened = system.open(path, OPEN.readWrite + OPEN.noFollow + create, 0o600);
  if (isFailure(opened) && create === 0) return undefined; // gone meanwhile, or none that a call of ours has left
  const descriptor = answerOf(opened, path);
  const isLocked = answerOf(system.tryLock(descriptor), path);
  if (isLocked && isNamed(system, descriptor, path)) return { path, descriptor };
  system.close(descriptor); // nothing was written
  return undefined;
}

function isNamed(system: System, descriptor: number, path: string): boolean {
  const opened = answerOf(system.fstat(descriptor), path);
  const named = system.stat(path);
  if (isFailure(named) && named.errno === 'ENOENT') return false;
  const { dev, ino } = answerOf(named, path);
  return opened.dev === dev && opened.ino === ino;
}
