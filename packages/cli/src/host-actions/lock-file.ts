import { closeSync, constants, fstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { tryLock } from '@opencontainers-ts/exec-native';

/** How long another start is waited for, in milliseconds. */
const LONGEST_WAIT = 2000;

const BETWEEN_TRIES = 20;

/** A lock that is held. It is the file's, and goes with the process; its name is taken away when the lock is released. */
export interface HeldLock {
  readonly path: string;
  readonly descriptor: number;
}

/**
 * Takes the lock of a name, whose file is made if need be.
 *
 * @returns undefined when others have held it all the time
 */
export function holdLock(path: string): HeldLock | undefined {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < LONGEST_WAIT; waited += BETWEEN_TRIES) {
    const lock = openLock(path, constants.O_CREAT);
    if (lock !== undefined) return lock;
    Atomics.wait(never, 0, 0, BETWEEN_TRIES);
  }
  return undefined;
}

/** The name first, while the lock is held: who has opened the file meanwhile finds that it is the lock of nothing. */
export function releaseLock({ path, descriptor }: HeldLock): void {
  rmSync(path, { force: true });
  closeSync(descriptor);
}

/** Removes what killed calls have left: files that nobody holds. */
export function sweepLocks(folder: string): void {
  for (const name of readdirSync(folder)) {
    const lock = name.endsWith('.lock') ? openLock(join(folder, name), 0) : undefined;
    if (lock !== undefined) releaseLock(lock);
  }
}

/** The lock if nobody has it, and its file still has the name. */
function openLock(path: string, create: 0 | typeof constants.O_CREAT): HeldLock | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | create, 0o600);
  } catch (error) {
    if (create === 0) return undefined; // gone meanwhile, or none that a call of ours has left
    throw error;
  }
  if (tryLock(descriptor) && isNamed(descriptor, path)) return { path, descriptor };
  closeSync(descriptor);
  return undefined;
}

function isNamed(descriptor: number, path: string): boolean {
  const [opened, named] = [fstatSync(descriptor), statSync(path, { throwIfNoEntry: false })];
  return opened.dev === named?.dev && opened.ino === named.ino;
}
