import { answerOf, type FileStatus, OPEN, type Path, type System } from '../system/system.js';
import { bytesOf } from '../system/text.js';

export interface AppendOptions {
  /** Permission bits of a file that this call creates. */
  readonly mode: number;
  /** Whether a symlink at the path is followed: not in a folder where others may write. */
  readonly followSymlink: boolean;
}

/**
 * Appends one line to a regular file: opened, written with one `write`, closed, so that nothing is left to flush
 * when the process image is replaced.
 *
 * @returns what went wrong, if something did: a log that cannot be written never stops a container
 */
export function appendLine(system: System, path: Path, line: string, options: AppendOptions): unknown {
  const done = toFile(system, path, options, (fd, { type }) => {
    if (type !== 'file') throw new Error('not a regular file');
    writeLine(system, fd, line);
  });
  return 'failure' in done ? done.failure : undefined;
}

/**
 * Does something with a file that is open for appending. O_NONBLOCK keeps a FIFO put in the file's place from hanging every
 * container start.
 */
export function toFile<T>(
  system: System,
  path: Path,
  { mode, followSymlink }: AppendOptions,
  write: (fd: number, status: FileStatus) => T,
): { readonly answer: T } | { readonly failure: unknown } {
  try {
    const flags = OPEN.write + OPEN.append + OPEN.create + OPEN.nonBlocking;
    const fd = answerOf(system.open(path, followSymlink ? flags : flags + OPEN.noFollow, mode));
    let answer: T;
    try {
      answer = write(fd, answerOf(system.fstat(fd)));
    } catch (failure) {
      system.close(fd);
      return { failure };
    }
    // On a network file system it is close(2) that says there was no room (EDQUOT, EIO).
    answerOf(system.close(fd));
    return { answer };
  } catch (failure) {
    return { failure };
  }
}

/** Writes a line by one write(2), which nobody else's can come into. @throws SystemError */
export function writeLine(system: System, fd: number, line: string): void {
  const bytes = bytesOf(line);
  const written = answerOf(system.write(fd, bytes));
  // The only reason for less: the disk was full in the middle.
  if (written < bytes.length) answerOf({ errno: 'ENOSPC', syscall: 'write' });
}
