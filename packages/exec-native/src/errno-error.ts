import { printablePath } from './bytes.js';
import { errnoName } from './errno-name.js';

/**
 * A failed system call. It has the properties of Node's own system errors: `code` (`'ENOENT'`), `errno` (negative: `-2`),
 * `syscall` and, if there is one, `path`. The code of an errno without a name is `ERRNO_<number>`.
 *
 * @example
 * ```ts
 * import { ErrnoError, execve } from '@opencontainers-ts/exec-native';
 *
 * try {
 *   execve('/missing', ['missing'], []);
 * } catch (error) {
 *   if (!(error instanceof ErrnoError)) throw error;
 *   console.log(error.code, error.errno, error.syscall, error.path); // ENOENT -2 execve /missing
 * }
 * ```
 */
export class ErrnoError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  /** Absent if the call takes no path. */
  declare readonly path?: string;

  constructor(failure: { readonly syscall: string; readonly errno: number }, path?: Uint8Array) {
    const code = errnoName(failure.errno);
    const subject = path === undefined ? '' : ` ${printablePath(path)}`;
    super(`${failure.syscall}${subject} failed with ${code}`);
    this.name = 'ErrnoError';
    this.code = code;
    this.errno = failure.errno;
    this.syscall = failure.syscall;
    if (path !== undefined) {
      this.path = Buffer.from(path).toString();
    }
  }
}
