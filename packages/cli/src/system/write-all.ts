import { type Failure, isFailure, type System } from './system.js';

/** How long a reader that is behind is waited for, in milliseconds, before it is tried again. */
const BETWEEN_TRIES = 5;

/** Writes all of the bytes, also to a pipe or a terminal that somebody has made non-blocking. */
export function writeAll(system: System, fd: number, bytes: Uint8Array): undefined | Failure {
  for (let rest = bytes; rest.length > 0; ) {
    const written = system.write(fd, rest);
    if (!isFailure(written)) rest = rest.subarray(written);
    else if (written.errno === 'EAGAIN') system.sleep(BETWEEN_TRIES);
    else return written;
  }
  return undefined;
}
