import { dirname } from './paths.js';
import { answerOf, isFailure, type System } from './system.js';

/**
 * Makes a folder, and those above it that are missing; one that is there stays as it is.
 *
 * @throws SystemError
 */
export function makeFolders(system: System, path: string, mode: number): void {
  const failure = system.mkdir(path, mode);
  if (!isFailure(failure)) return;
  if (failure.errno === 'ENOENT' && dirname(path) !== path) {
    makeFolders(system, dirname(path), mode);
    const second = system.mkdir(path, mode);
    if (!isFailure(second) || second.errno === 'EEXIST') return;
    answerOf(second, path);
  }
  const there = system.stat(path);
  if (!isFailure(there) && there.type === 'directory') return;
  answerOf(failure, path);
}
