import { answerOf, isFailure, type Path, type System } from './system.js';

/**
 * Removes a file; one that is not there is no fault.
 *
 * @throws SystemError
 */
export function removeFile(system: System, path: Path): void {
  const failure = system.unlink(path);
  if (isFailure(failure) && failure.errno !== 'ENOENT') answerOf(failure, path);
}
