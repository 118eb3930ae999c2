import { type Bytes, toBytes } from './bytes.js';
import { loadAddon } from './load-addon.js';

/**
 * Whether execve(2) would take a file from this process: faccessat2(2) with X_OK and AT_EACCESS. Unlike
 * `fs.accessSync`, it goes by the effective ids and capabilities, and like it, it counts access control lists and a file
 * system that is mounted `noexec`. Where the call is missing (before Linux 5.8, or kept away by seccomp) the real ids decide.
 *
 * @param path - Symbolic links are followed; what cannot be looked at may not be executed.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` (a NUL byte).
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { mayExecute } from '@opencontainers-ts/exec-native';
 *
 * console.log(mayExecute('/bin/sh'), mayExecute('/etc/passwd')); // true false
 * ```
 */
export function mayExecute(path: Bytes): boolean {
  return loadAddon().mayExecute(toBytes(path, 'path'));
}
