import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';

/**
 * Makes this process the parent of all orphans among its descendants, in the place of init: prctl(2) with
 * PR_SET_CHILD_SUBREAPER. Then the status of a process that a child has left behind can be had ({@link exitOf}).
 *
 * It holds for the whole process, whichever thread calls it, and also for what other libraries start: somebody has to collect
 * each of those orphans when it ends, or it stays a zombie until this process ends. It is not inherited, and
 * execve(2) keeps it.
 *
 * @throws ErrnoError of prctl
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { isChildSubreaper, setChildSubreaper } from '@opencontainers-ts/exec-native';
 *
 * setChildSubreaper(true);
 * console.log(isChildSubreaper()); // true
 * ```
 */
export function setChildSubreaper(on: boolean): void {
  const failure = loadAddon().setChildSubreaper(Boolean(on));
  if (failure !== undefined) throw new ErrnoError(failure);
}

/**
 * Whether this process is a subreaper: PR_GET_CHILD_SUBREAPER.
 *
 * @throws ErrnoError of prctl
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { isChildSubreaper } from '@opencontainers-ts/exec-native';
 *
 * console.log(isChildSubreaper()); // false
 * ```
 */
export function isChildSubreaper(): boolean {
  const result = loadAddon().isChildSubreaper();
  if (typeof result === 'object') throw new ErrnoError(result);
  return result;
}
