import { toDescriptor } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';

/**
 * Closes a descriptor that a function of this package has opened: close(2). `fs.closeSync` does so too, but in a worker thread it
 * warns of every descriptor that `fs` has not opened (`trackUnmanagedFds`).
 *
 * @throws ErrnoError `EBADF`: not open. After any other error it is closed all the same.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { closeDescriptor, openPidfd } from '@opencontainers-ts/exec-native';
 *
 * const pidfd = openPidfd(process.pid);
 * closeDescriptor(pidfd);
 * try {
 *   closeDescriptor(pidfd);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // EBADF
 * }
 * ```
 */
export function closeDescriptor(fd: number): void {
  const failure = loadAddon().closeDescriptor(toDescriptor(fd, 'fd'));
  if (failure !== undefined) throw new ErrnoError(failure);
}
