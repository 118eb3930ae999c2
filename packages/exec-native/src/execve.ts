import { isUint8Array } from 'node:util/types';

import { type Bytes, toByteList, toBytes } from './bytes.js';
import { ErrnoError } from './errno-error.js';
import { ArgumentError, ExecNativeError } from './exec-native-error.js';
import { loadAddon } from './load-addon.js';
import type { ProcessState } from './process-state.js';
import { invalidRecord } from './read-process-state.js';

/** Options of {@link execve}. */
export interface ExecveOptions {
  /** What {@link readProcessState} returned: the new program is started in this state. */
  readonly state?: ProcessState;
}

/**
 * Replaces this process by another program: same pid, no child. Nothing of Node's runs afterwards: no exit handlers,
 * no buffered writes; flush before.
 *
 * With `state`, the program finds what this process was started with: descriptors (those that were closed are closed,
 * everything opened since is closed), signal mask, ignored signals, resource limits, umask and parent death signal.
 * Signals that arrived while they were blocked act now. The flags of open files (`O_NONBLOCK`) are shared with other
 * processes and are left alone: a program that wants them untouched never touches `process.stdin`, `process.stdout`
 * or `process.stderr`, but uses `fs.writeSync`.
 *
 * Without `state`, this much of what Node altered at its start is undone: standard input, output and error stay open,
 * and SIGPIPE and SIGXFSZ, which Node ignores, have their default action; the signal mask stays as it is. What only a
 * launcher can know stays altered: the soft RLIMIT_NOFILE is as high as the hard one, descriptors from 3 to about 16 that
 * were inherited are closed (Node marked them), and a standard stream that was closed is /dev/null.
 *
 * @param file - The program; there is no search along PATH.
 * @param argv - Its arguments, `argv[0]` included.
 * @param env - Its whole environment, one `NAME=value` each, in this order.
 * @returns Never: either the process is another program or an error was thrown, and Node goes on as before.
 * @throws ErrnoError of execve (`ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG`, `ENOTDIR`, ...), or of prlimit64 when a
 * recorded limit cannot be put back.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` (a NUL byte).
 * @throws ExecNativeError `ERR_NOT_MAIN_THREAD`, `ERR_PROCESS_STATE` or `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { execve } from '@opencontainers-ts/exec-native';
 *
 * execve('/bin/sh', ['sh', '-c', 'echo "$GREETING"'], ['GREETING=hello']); // hello
 * ```
 */
export function execve(
  file: Bytes,
  argv: readonly Bytes[],
  env: readonly Bytes[],
  options: ExecveOptions = {},
): never {
  const path = toBytes(file, 'file');
  const argvBytes = toByteList(argv, 'argv');
  const envBytes = toByteList(env, 'env');
  const record = recordOf(options);
  const addon = loadAddon();
  if (!addon.isMainThread()) {
    throw new ExecNativeError('ERR_NOT_MAIN_THREAD', 'execve was called in a worker thread');
  }
  const failure = addon.execve(path, argvBytes, envBytes, record);
  if ('reason' in failure) {
    throw invalidRecord(failure.reason);
  }
  throw new ErrnoError(failure, failure.syscall === 'execve' ? path : undefined);
}

// A record may hold NUL bytes, so it is checked for its type alone; the addon checks the rest.
function recordOf({ state }: ExecveOptions): Uint8Array | undefined {
  if (state === undefined || isUint8Array(state.record)) {
    return state?.record;
  }
  throw new ArgumentError('ERR_INVALID_ARG_TYPE', 'options.state', 'was not made by readProcessState');
}
