import { type Bytes, toBytes } from './bytes.js';
import { loadAddon } from './load-addon.js';

/**
 * Whether execve(2) would let this process execute a file: faccessat2(2) with X_OK and AT_EACCESS. Unlike `fs.accessSync`,
 * it checks the effective ids and capabilities; like it, it respects access control lists and file systems mounted with
 * `noexec`. If the system call is missing (before Linux 5.8, or blocked by seccomp), the real ids are checked.
 *
 * @param path - Symbolic links are followed. A file that cannot be examined may not be executed.
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
