import { toDescriptor } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { ExecNativeError } from './exec-native-error.js';
import { loadAddon } from './load-addon.js';
import type { ProcessState } from './process-state.js';

/**
 * Reads the record that a launcher left in a sealed memfd. The descriptor stays open until {@link execve} is called with
 * the state.
 *
 * @param fd - The number that the launcher passed on, usually as the first argument.
 * @throws ExecNativeError `ERR_PROCESS_STATE`: not a memfd, not sealed, or not a complete record of this version.
 * @throws ErrnoError of fcntl, fstat or pread (`EBADF`: the descriptor is not open).
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { execve, readProcessState } from '@opencontainers-ts/exec-native';
 *
 * try {
 *   const state = readProcessState(Number(process.argv[2] ?? 0));
 *   execve('/usr/bin/runc', state.argv, state.env, { state });
 * } catch (error) {
 *   // No launcher started this script.
 *   console.log((error as { code: string }).code); // ERR_PROCESS_STATE
 * }
 * ```
 */
export function readProcessState(fd: number): ProcessState {
  const result = loadAddon().readProcessState(toDescriptor(fd, 'fd'));
  if ('errno' in result) {
    throw new ErrnoError(result);
  }
  if ('reason' in result) {
    throw invalidRecord(result.reason, { fd });
  }
  return result;
}

export function invalidRecord(reason: string, details: { readonly fd?: number } = {}): ExecNativeError {
  return new ExecNativeError('ERR_PROCESS_STATE', `the process state cannot be used: ${reason}`, {
    details: { ...details, reason },
  });
}
