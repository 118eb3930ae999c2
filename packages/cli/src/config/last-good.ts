import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Rule } from '@opencontainers-ts/rootfs-rewriter';
import { replaceFile } from '../system/replace-file.js';
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
export function readLastGood(main: string, folder: string = STATE_FOLDER): LastGood | undefined {
  try {
    const bytes = readTrustedFile(recordPath(main, folder));
    if (bytes === undefined) return undefined;
    const { format, ...lastGood } = JSON.parse(Buffer.from(bytes).toString());
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
  main: string,
  { table, origins, triggers }: LastGood,
  folder: string = STATE_FOLDER,
): unknown | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const path = recordPath(main, folder);
  const text = JSON.stringify({ format: FORMAT, table, origins, triggers });
  // Whatever the caller's umask allows or forbids.
  const umask = process.umask(0o077);
  try {
    const kept = readTrustedFile(path);
    if (kept !== undefined && Buffer.from(kept).toString() === text) return undefined;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, text);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    process.umask(umask);
  }
}

/** One record for each main file: engines on one node may be given different ones. */
function recordPath(main: string, folder: string): string {
  const suffix = main === CONFIG_FILE ? '' : `-${encodeURIComponent(main)}`;
  return join(folder, `last-good-settings${suffix}`);
}
