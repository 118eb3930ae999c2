import { toDescriptor } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';

/** Options of {@link whenReadable}. */
export interface WhenReadableOptions {
  /** Ends the wait; the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal;
}

/**
 * Waits in the event loop of this thread, without a thread or a timer of its own, until a descriptor can be read: a pidfd whose
 * process has ended, a socket to which somebody connects. Where the other side of a connection is closed, it can be read too.
 *
 * The wait holds a duplicate of the descriptor: it may be closed meanwhile, and be waited for several times at once. It
 * keeps Node.js running. The open file is non-blocking from then on (`O_NONBLOCK`), for all who share it.
 *
 * @param fd - What epoll(7) takes: not a regular file or a folder.
 * @returns A promise that is rejected with an ErrnoError (`EBADF`: not open; `EPERM`: a file that is always readable), or
 * with an ArgumentError `ERR_INVALID_ARG_TYPE`, or an ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { closeDescriptor, openPidfd, whenReadable } from '@opencontainers-ts/exec-native';
 *
 * const pidfd = openPidfd(process.pid);
 * try {
 *   await whenReadable(pidfd, { signal: AbortSignal.timeout(50) });
 * } catch (error) {
 *   console.log((error as Error).name); // TimeoutError
 * }
 * closeDescriptor(pidfd);
 * ```
 */
export async function whenReadable(fd: number, { signal }: WhenReadableOptions = {}): Promise<void> {
  const descriptor = toDescriptor(fd, 'fd');
  signal?.throwIfAborted();
  const addon = loadAddon();
  await new Promise<void>((resolve, reject) => {
    const watch = addon.watchReadable(descriptor, (status) => {
      signal?.removeEventListener('abort', stop);
      if (status === 0) resolve();
      else reject(new ErrnoError({ syscall: 'uv_poll', errno: status }));
    });
    if (typeof watch === 'object') {
      reject(new ErrnoError(watch));
      return;
    }
    function stop() {
      addon.unwatchReadable(watch as number);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', stop, { once: true });
  });
}
