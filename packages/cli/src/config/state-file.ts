import { makeFolders } from '../system/make-folders.js';
import { dirname } from '../system/paths.js';
import { replaceFile } from '../system/replace-file.js';
import type { System } from '../system/system.js';
import { readTrustedFile } from './config-files.js';

/** In memory: a machine that starts anew knows nothing of it. The folder is root's alone. */
export const STATE_FOLDER = '/run/ociwrap-settings';

/**
 * Keeps a text for later calls, if we are root. What is there and is not root's alone stays as it is.
 *
 * @param how - see {@link replaceFile}
 * @returns what went wrong, if something did: the call at hand has what it needs, and goes on
 */
export function keepStateFile(
  system: System,
  path: string,
  text: string,
  how: { readonly flush?: boolean } = {},
): unknown | undefined {
  if (system.geteuid() !== 0) return undefined;
  // Whatever the caller's umask allows or forbids.
  const umask = system.umask(0o077);
  try {
    readTrustedFile(system, path);
    makeFolders(system, dirname(path), 0o700);
    replaceFile(system, path, text, how);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    system.umask(umask);
  }
}
