import { answerOf, OPEN, type Path, type System } from '../system/system.js';
import { bytesOf } from '../system/text.js';

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
export function appendLine(
  system: System,
  path: Path,
  line: string,
  { mode, followSymlink }: AppendOptions,
): unknown {
  try {
    const flags = OPEN.write + OPEN.append + OPEN.create + OPEN.nonBlocking;
    const fd = answerOf(system.open(path, followSymlink ? flags : flags + OPEN.noFollow, mode));
    let failure: unknown;
    try {
      if (answerOf(system.fstat(fd)).type !== 'file') throw new Error('not a regular file');
      answerOf(system.write(fd, bytesOf(line)));
    } catch (error) {
      failure = error;
    }
    // On a network file system it is close(2) that says there was no room (EDQUOT, EIO).
    const closed = system.close(fd);
    return failure ?? answerOf(closed);
  } catch (error) {
    return error;
  }
}
