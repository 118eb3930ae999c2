import { toDescriptor, toWholeNumber } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';
import type { WindowSize } from './window-size.js';

/**
 * The size of a terminal: TIOCGWINSZ of ioctl_tty(2). Both sides of a pseudo-terminal have the same one.
 *
 * @param fd - A terminal.
 * @throws ErrnoError `ENOTTY`: not a terminal; `EBADF`, `EIO`.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { closeSync, openSync } from 'node:fs';
 * import { windowSize } from '@opencontainers-ts/exec-native';
 *
 * const terminal = openSync('/dev/ptmx', 'r+');
 * console.log(windowSize(terminal)); // { columns: 0, rows: 0 }
 * closeSync(terminal);
 * ```
 */
export function windowSize(fd: number): WindowSize {
  const result = loadAddon().windowSize(toDescriptor(fd, 'fd'));
  if ('errno' in result) throw new ErrnoError(result);
  return result;
}

/**
 * Sets the size of a terminal: TIOCSWINSZ of ioctl_tty(2). The programs in the foreground get SIGWINCH if it is another
 * one than before.
 *
 * @param fd - A terminal; either side of a pseudo-terminal.
 * @throws ErrnoError `ENOTTY`: not a terminal; `EBADF`, `EIO`.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: a number that cannot be.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { closeSync, openSync } from 'node:fs';
 * import { setWindowSize, windowSize } from '@opencontainers-ts/exec-native';
 *
 * const terminal = openSync('/dev/ptmx', 'r+');
 * setWindowSize(terminal, { columns: 80, rows: 24 });
 * console.log(windowSize(terminal)); // { columns: 80, rows: 24 }
 * closeSync(terminal);
 * ```
 */
export function setWindowSize(fd: number, { columns, rows }: WindowSize): void {
  const failure = loadAddon().setWindowSize(
    toDescriptor(fd, 'fd'),
    toWholeNumber(columns, 'columns', 0, 0xffff),
    toWholeNumber(rows, 'rows', 0, 0xffff),
  );
  if (failure !== undefined) throw new ErrnoError(failure);
}
