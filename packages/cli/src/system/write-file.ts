import { answerOf, OPEN, type Path, type System } from './system.js';
import { writeAll } from './write-all.js';

/**
 * Gives a file these bytes in the place of those that it has; makes it if need be. Not for files that must be whole whatever
 * happens: those are replaced.
 *
 * @throws SystemError
 */
export function writeFile(system: System, path: Path, bytes: Uint8Array, mode: number): void {
  const fd = answerOf(system.open(path, OPEN.write + OPEN.create + OPEN.truncate, mode), path);
  const failure = writeAll(system, fd, bytes);
  const atTheEnd = system.close(fd); // on a network file system it is here that there was no room
  answerOf(failure ?? atTheEnd, path);
}
