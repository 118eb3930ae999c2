import type { Rule } from '@opencontainers-ts/rootfs-rewriter';
import { makeFolders } from '../system/make-folders.js';
import { dirname, join } from '../system/paths.js';
import { replaceFile } from '../system/replace-file.js';
import type { System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { CONFIG_FILE, readTrustedFile } from './config-files.js';
import type { ConfigSource } from './resolve-settings.js';

/** What must not be lost when the configuration cannot be used any more. */
export interface LastGood extends ConfigSource {
  /** Of the rules that the files ask for. */
  readonly triggers: Rule['triggers'];
}

/** In memory: a machine that starts anew knows no last good configuration. The folder is root's alone. */
export const STATE_FOLDER = '/run/ociwrap-settings';

const FORMAT = 1;

/**
 * What the last good configuration said, for the main file of this call.
 *
 * @returns undefined when there was none, or when what is there is not to be believed
 */
export function readLastGood(
  system: System,
  main: string,
  folder: string = STATE_FOLDER,
): LastGood | undefined {
  try {
    const bytes = readTrustedFile(system, recordPath(main, folder));
    if (bytes === undefined) return undefined;
    const { format, ...lastGood } = JSON.parse(textOf(bytes));
    return format === FORMAT ? lastGood : undefined;
  } catch {
    // Torn, another's, or of another version: unknown, which refuses more, never less.
    return undefined;
  }
}

/**
 * Keeps what a good configuration said, unless it is what is kept already.
 *
 * @returns what went wrong, if something did: the call at hand has its configuration and goes on
 */
export function rememberGood(
  system: System,
  main: string,
  { table, origins, triggers }: LastGood,
  folder: string = STATE_FOLDER,
): unknown | undefined {
  if (system.geteuid() !== 0) return undefined;
  const path = recordPath(main, folder);
  const text = JSON.stringify({ format: FORMAT, table, origins, triggers });
  // Whatever the caller's umask allows or forbids.
  const umask = system.umask(0o077);
  try {
    const kept = readTrustedFile(system, path);
    if (kept !== undefined && textOf(kept) === text) return undefined;
    makeFolders(system, dirname(path), 0o700);
    replaceFile(system, path, text);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    system.umask(umask);
  }
}

/** One record for each main file: engines on one node may be given different ones. */
function recordPath(main: string, folder: string): string {
  const suffix = main === CONFIG_FILE ? '' : `-${encodeURIComponent(main)}`;
  return join(folder, `last-good-settings${suffix}`);
}
