import { constants } from 'node:fs';
import { type FileHandle, open, stat, unlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { tryLock } from '@opencontainers-ts/exec-native';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';

const BETWEEN_TRIES = 20;

/** A lock that is held; it goes with the process. */
export interface HeldLock {
  readonly path: string;
  readonly file: FileHandle;
}

/** How a lock is waited for. */
export interface LockWait {
  /** For others, in milliseconds. */
  readonly longestWait: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes the lock of a name, whose file is made if need be: flock(2), so that it excludes other processes and other calls in this one.
 *
 * @throws RuntimeClientError `ERR_CONTAINER_BUSY`
 * @throws the reason of the signal, when it is aborted
 */
export async function holdLock(path: string, { longestWait, signal }: LockWait): Promise<HeldLock> {
  const end = performance.now() + longestWait;
  for (;;) {
    signal?.throwIfAborted();
    const file = await openLock(path);
    if (file !== undefined) return { path, file };
    if (performance.now() >= end) {
      throw new RuntimeClientError(
        'ERR_CONTAINER_BUSY',
        `the lock ${quoted(path)} was held by others for all the ${longestWait} ms that were waited`,
        { details: { path, waited: longestWait } },
      );
    }
    await pause(BETWEEN_TRIES, undefined, signal && { signal });
  }
}

/** The name first, while the lock is held: who has opened the file meanwhile finds that it is the lock of nothing. */
export async function releaseLock({ path, file }: HeldLock): Promise<void> {
  try {
    await unlink(path);
  } finally {
    await file.close();
  }
}

/** The lock if nobody has it, and its file still has the name. */
async function openLock(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  let isOurs = false;
  try {
    isOurs = tryLock(file.fd) && (await isNamed(file, path));
    return isOurs ? file : undefined;
  } finally {
    if (!isOurs) await file.close();
  }
}

async function isNamed(file: FileHandle, path: string): Promise<boolean> {
  const opened = await file.stat({ bigint: true });
  try {
    const named = await stat(path, { bigint: true });
    return opened.dev === named.dev && opened.ino === named.ino;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Whether an error is one of these of a system call. By its shape: what Node.js throws need not be an `Error` of this context. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
