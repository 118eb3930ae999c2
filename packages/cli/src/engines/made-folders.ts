import type { EngineChange } from '@opencontainers-ts/engine-config';

import { dirname } from '../system/paths.js';
import { answerOf, isFailure, type System } from '../system/system.js';

/** The folders that have to be made for the files of a change, the deepest first. */
export function missingFolders(system: System, { files }: EngineChange): readonly string[] {
  const missing = new Set<string>();
  for (const { path, after } of files) {
    if (after === undefined) continue;
    for (let folder = dirname(path); isMissing(system, folder); folder = dirname(folder)) missing.add(folder);
  }
  return [...missing].sort((one, other) => other.length - one.length);
}

function isMissing(system: System, folder: string): boolean {
  const status = system.lstat(folder);
  return isFailure(status) && status.errno === 'ENOENT';
}

/**
 * Takes folders away that were made for an engine; one in which somebody has put something stays.
 *
 * @throws SystemError
 */
export function removeFolders(system: System, folders: readonly string[]): void {
  for (const folder of folders) {
    const failure = system.rmdir(folder);
    if (!isFailure(failure) || ['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(failure.errno)) continue;
    answerOf(failure, folder);
  }
}
