import { toDescriptor } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';

/**
 * Tries to take an exclusive lock on an open file, without waiting: flock(2) with LOCK_EX and LOCK_NB. The lock is released
 * when the last descriptor of that open file is closed, and so when the process ends or {@link execve} replaces it.
 *
 * @param fd - An open descriptor.
 * @returns Whether the lock was taken.
 * @throws ErrnoError `EBADF`, ... as of flock(2)
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { closeSync, openSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { tryLock } from '@opencontainers-ts/exec-native';
 *
 * const path = `${tmpdir()}/example-${process.pid}.lock`;
 * const [first, second] = [openSync(path, 'a', 0o600), openSync(path, 'a', 0o600)];
 * console.log(tryLock(first), tryLock(second)); // true false
 * closeSync(first);
 * console.log(tryLock(second)); // true
 * ```
 */
export function tryLock(fd: number): boolean {
  const result = loadAddon().tryLock(toDescriptor(fd, 'fd'));
  if (typeof result === 'object') throw new ErrnoError(result);
  return result;
}
