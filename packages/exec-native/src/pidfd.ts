import { toDescriptor, toWholeNumber } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';

/**
 * Opens a descriptor that stands for a process: pidfd_open(2), Linux 5.3. Unlike its pid, it never comes to stand for another
 * process. It is close-on-exec; close it with {@link closeDescriptor}.
 *
 * A pid may have passed on to another process before this call. What is found out about the process (its start time) has to be
 * read after it, and holds only if {@link signalPidfd} with 0 still finds the process then.
 *
 * @param pid - As this process sees it, in its own pid namespace; of a process, not of one of its further threads.
 * @throws ErrnoError `ESRCH`: there is no such process; `ENOSYS`: Linux before 5.3, or a seccomp filter; `EMFILE`, ...
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 1 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { closeDescriptor, exitOf, openPidfd } from '@opencontainers-ts/exec-native';
 *
 * const pidfd = openPidfd(process.pid);
 * console.log(exitOf(pidfd)); // undefined
 * closeDescriptor(pidfd);
 * ```
 */
export function openPidfd(pid: number): number {
  const result = loadAddon().openPidfd(toWholeNumber(pid, 'pid', 1, 0x7fffffff));
  if (typeof result === 'object') throw new ErrnoError(result);
  return result;
}

/**
 * Sends a signal to the process that a pidfd stands for, and to no other: pidfd_send_signal(2). A process that has ended
 * and that its parent has not collected yet takes every signal, without an effect.
 *
 * @param pidfd - A result of {@link openPidfd}.
 * @param signal - 1 to 64, or 0 to only look whether the process can still be found.
 * @throws ErrnoError `ESRCH`: it has ended, and its parent has collected it; `EPERM`, `EBADF`, ...
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: a number that cannot be.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { spawn } from 'node:child_process';
 * import { once } from 'node:events';
 * import { closeDescriptor, openPidfd, signalPidfd } from '@opencontainers-ts/exec-native';
 *
 * const child = spawn('sleep', ['60']);
 * const pidfd = openPidfd(Number(child.pid));
 * signalPidfd(pidfd, 15);
 * closeDescriptor(pidfd);
 * console.log(await once(child, 'exit')); // [ null, 'SIGTERM' ]
 * ```
 */
export function signalPidfd(pidfd: number, signal: number): void {
  const failure = loadAddon().signalPidfd(
    toDescriptor(pidfd, 'pidfd'),
    toWholeNumber(signal, 'signal', 0, 64),
  );
  if (failure !== undefined) throw new ErrnoError(failure);
}
