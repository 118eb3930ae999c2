import type { Rule } from '@opencontainers-ts/rootfs-rewriter';
import { join } from '../system/paths.js';
import type { System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { CONFIG_FILE, readTrustedFile } from './config-files.js';
import type { ParsedFiles } from './parsed-files.js';
import type { ConfigSource } from './resolve-settings.js';
import { keepStateFile, STATE_FOLDER } from './state-file.js';

/** What must not be lost when the configuration cannot be used any more. */
export interface LastGood extends ConfigSource {
  /** Of the rules that the files ask for. */
  readonly triggers: Rule['triggers'];
  /** The files, as they were read. */
  readonly parsed?: ParsedFiles;
}

const FORMAT = 1;

/** The record of a main file, as it is kept. */
export interface KeptRecord {
  readonly text: string;
  /** Undefined when it is torn, or of another version. */
  readonly lastGood: LastGood | undefined;
}

/**
 * What was kept for the main file of this call.
 *
 * @returns undefined when nothing was, or when what is there is not to be believed
 */
export function readRecord(
  system: System,
  main: string,
  folder: string = STATE_FOLDER,
): KeptRecord | undefined {
  try {
    const bytes = readTrustedFile(system, recordPath(main, folder));
    if (bytes === undefined) return undefined;
    const text = textOf(bytes);
    return { text, lastGood: lastGoodIn(text) };
  } catch {
    // Another's: unknown, which refuses more, never less.
    return undefined;
  }
}

function lastGoodIn(text: string): LastGood | undefined {
  try {
    const { format, ...lastGood } = JSON.parse(text);
    return format === FORMAT ? lastGood : undefined;
  } catch {
    // Torn: unknown, too.
    return undefined;
  }
}

/**
 * Keeps what a good configuration said, unless it is what is kept already.
 *
 * @param kept - what {@link readRecord} gave in this call
 * @returns what went wrong, if something did: the call at hand has its configuration and goes on
 */
export function rememberGood(
  system: System,
  main: string,
  { table, origins, triggers, parsed }: LastGood,
  folder: string = STATE_FOLDER,
  kept: KeptRecord | undefined = readRecord(system, main, folder),
): unknown | undefined {
  const text = JSON.stringify({ format: FORMAT, table, origins, triggers, parsed });
  return kept?.text === text ? undefined : keepStateFile(system, recordPath(main, folder), text);
}

/** One record for each main file: engines on one node may be given different ones. */
function recordPath(main: string, folder: string): string {
  const suffix = main === CONFIG_FILE ? '' : `-${encodeURIComponent(main)}`;
  return join(folder, `last-good-settings${suffix}`);
}
