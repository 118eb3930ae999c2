import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

export interface AppendOptions {
  /** Permission bits of a file that this call creates. */
  readonly mode: number;
  /** Whether a symlink at the path is followed: not in a folder where others may write. */
  readonly followSymlink: boolean;
}

/**
 * Appends one line to a regular file: opened, written with one `write`, closed, so that nothing is left to flush
 * when the process image is replaced. O_NONBLOCK keeps a FIFO put in the file's place from hanging every container
 * start.
 *
 * @returns what went wrong, if something did: a log that cannot be written never stops a container
 */
export function appendLine(path: string | Uint8Array, line: string, options: AppendOptions): unknown {
  try {
    const descriptor = openSync(
      typeof path === 'string' ? path : Buffer.from(path),
      constants.O_WRONLY |
        constants.O_APPEND |
        constants.O_CREAT |
        constants.O_NONBLOCK |
        (options.followSymlink ? 0 : constants.O_NOFOLLOW),
      options.mode,
    );
    // Inside the outer try: on a network file system it is close(2) that says there was no room (EDQUOT, EIO).
    try {
      if (!fstatSync(descriptor).isFile()) {
        return new Error('not a regular file');
      }
      writeSync(descriptor, line);
      return undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return error;
  }
}
