import { isUint8Array } from 'node:util/types';

import { type Bytes, toByteList, toBytes } from './bytes.js';
import { ErrnoError } from './errno-error.js';
import { ArgumentError, ExecNativeError } from './exec-native-error.js';
import { loadAddon } from './load-addon.js';
import type { ProcessState } from './process-state.js';
import { invalidRecord } from './read-process-state.js';

/** Options of {@link execve}. */
export interface ExecveOptions {
  /** The state to start the new program in: a result of {@link readProcessState}. */
  readonly state?: ProcessState;
}

/**
 * Replaces this process with another program: same pid, no child. Nothing of Node runs afterwards, neither exit handlers
 * nor buffered writes; flush first.
 *
 * With `state`, the program gets what this process was started with: descriptors (those that were closed are closed, and so
 * is everything opened since), signal mask, ignored signals, resource limits, umask and parent death signal. Signals that
 * arrived while they were blocked take effect now. The flags of open files (`O_NONBLOCK`) are shared with other processes
 * and are not restored: a program that must not change them uses `fs.writeSync`, and never `process.stdin`,
 * `process.stdout` or `process.stderr`.
 *
 * Without `state`, part of what Node changed at startup is undone: standard input, output and error stay open, and SIGPIPE
 * and SIGXFSZ, which Node ignores, get their default action. The signal mask stays as it is. What only a launcher can know
 * stays changed: the soft RLIMIT_NOFILE is as high as the hard one, inherited descriptors from 3 to about 16 are closed
 * (Node marked them), and a standard stream that was closed is /dev/null.
 *
 * @param file - The program; PATH is not searched.
 * @param argv - Its arguments, `argv[0]` included.
 * @param env - Its complete environment, each `NAME=value`, in this order.
 * @returns Never: either the process is another program, or an error was thrown and Node continues as before.
 * @throws ErrnoError of execve (`ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG`, `ENOTDIR`, ...), or of prlimit64 when a
 * recorded limit cannot be restored.
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
