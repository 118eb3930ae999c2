import { toDescriptor } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';
import type { ProcessExit } from './process-exit.js';

/**
 * How the process that a pidfd stands for has ended. A child of this process is collected by that, as by waitid(2) with
 * P_PIDFD (Linux 5.4): the first call gets its status from the kernel, and the pid is free for others then. Of any other
 * process the status is what the kernel keeps for pidfds, PIDFD_GET_INFO (Linux 6.15), once its parent has collected it.
 *
 * Do not call this for a child that Node.js has started itself (`child_process`): it would never learn of the end.
 *
 * @param pidfd - A result of `openPidfd`.
 * @returns `undefined` while the process runs, any of its threads included.
 * @throws ErrnoError `EBADF`: not a pidfd; ...
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { spawn } from 'node:child_process';
 * import { once } from 'node:events';
 * import { closeDescriptor, exitOf, openPidfd, setChildSubreaper, whenReadable } from '@opencontainers-ts/exec-native';
 *
 * setChildSubreaper(true);
 * // The shell leaves a process behind, and prints its pid.
 * const shell = spawn('sh', ['-c', '(sleep 0.1; exit 3) > /dev/null & echo $!'], { stdio: ['ignore', 'pipe', 'inherit'] });
 * const pidfd = openPidfd(Number(String((await once(shell.stdout, 'data'))[0])));
 * await once(shell, 'close');
 * await whenReadable(pidfd);
 * console.log(exitOf(pidfd)); // { exitCode: 3 }
 * closeDescriptor(pidfd);
 * ```
 */
export function exitOf(pidfd: number): ProcessExit | undefined {
  const result = loadAddon().exitOf(toDescriptor(pidfd, 'pidfd'));
  if (result !== undefined && 'errno' in result) throw new ErrnoError(result);
  return result;
}
