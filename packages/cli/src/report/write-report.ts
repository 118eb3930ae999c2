import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { basename, dirname, join } from '../system/paths.js';
import { answerOf, isFailure, OPEN, type System, SystemError } from '../system/system.js';
import { bytesOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';

/**
 * Writes a report to a file, which is there whole or not at all, and root's alone: it has paths of volumes and names of pods. What is
 * no file (a device, a FIFO) is written to as it is.
 *
 * @throws CliError `ERR_OUTPUT_UNWRITABLE`
 */
export function writeReport(system: System, path: string, text: string): void {
  const there = system.stat(path);
  const isFile = isFailure(there) || there.type === 'file';
  const written = isFile ? join(dirname(path), `.${basename(path)}.${system.getpid()}`) : path;
  const flags = isFile ? OPEN.write + OPEN.create + OPEN.exclusive : OPEN.write;
  let isBegun = false;
  try {
    const fd = answerOf(system.open(written, flags, 0o600), path);
    isBegun = true;
    const failure = writeAll(system, fd, bytesOf(text)) ?? (isFile ? system.fsync(fd) : undefined);
    // On a network file system it is close(2) that says there was no room.
    const atTheEnd = system.close(fd);
    answerOf(failure ?? atTheEnd, path);
    if (isFile) answerOf(system.rename(written, path), path);
  } catch (cause) {
    if (isFile && isBegun) system.unlink(written);
    if (!(cause instanceof SystemError)) throw cause;
    throw new CliError('ERR_OUTPUT_UNWRITABLE', `cannot write ${quoted(path)}: ${cause.code}`, {
      cause,
      details: { path },
    });
  }
}
