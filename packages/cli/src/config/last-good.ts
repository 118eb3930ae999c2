import type { Rule } from '@opencontainers-ts/rootfs-rewriter';
import { join } from '../system/paths.js';
import { isFailure, type System, SystemError } from '../system/system.js';
import { textOf } from '../system/text.js';
import { CONFIG_FILE, readTrustedFile } from './config-files.js';
import type { ParsedFiles } from './parsed-files.js';
import type { ConfigSource } from './settings/resolve-settings.js';
import { keepStateFile, STATE_FOLDER } from './state-file.js';

/** What must not be lost when the configuration cannot be used any more. */
export interface LastGood extends ConfigSource {
  /** Of the rules that the files ask for. */
  readonly triggers: Rule['triggers'];
  /** Names of built-in rules that were only tried: they refused nothing, and so nothing is refused for them. */
  readonly tried?: readonly string[];
  /** The files, as they were read. */
  readonly parsed?: ParsedFiles;
}

/**
 * Where it is kept: on disk, so that a configuration that is broken when the machine starts refuses no more than its rules
 * claim. In memory only while the disk cannot be written, as under a read-only root; it is removed there once it stands on
 * disk. So what is found in memory is the newer one, whatever the clock says.
 */
export interface StateFolders {
  readonly disk: string;
  readonly memory: string;
}

/** Both are root's alone. */
export const STATE_FOLDERS: StateFolders = { disk: '/var/lib/ociwrap/settings', memory: STATE_FOLDER };

const FORMAT = 1;

/** Each main file has a record, since engines on one node may be given different ones, and so has each handler. */
export interface RecordOwner {
  readonly main: string;
  readonly handler?: { readonly name: string };
}

/** A record, as it is kept. */
export interface KeptRecord {
  readonly text: string;
  readonly isOnDisk: boolean;
  /** Undefined when it is torn, or of another version. */
  readonly lastGood: LastGood | undefined;
}

/**
 * What was kept for the configuration of this call.
 *
 * @returns undefined when nothing was, or when what is there is not to be believed
 */
export function readRecord(
  system: System,
  whose: RecordOwner,
  { disk, memory }: StateFolders = STATE_FOLDERS,
): KeptRecord | undefined {
  try {
    const inMemory = readTrustedFile(system, recordPath(whose, memory));
    const bytes = inMemory ?? readTrustedFile(system, recordPath(whose, disk));
    if (bytes === undefined) return undefined;
    const text = textOf(bytes);
    return { text, isOnDisk: inMemory === undefined, lastGood: lastGoodIn(text) };
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
  whose: RecordOwner,
  { table, origins, triggers, tried, parsed }: LastGood,
  { disk, memory }: StateFolders = STATE_FOLDERS,
  kept: KeptRecord | undefined = readRecord(system, whose, { disk, memory }),
): unknown | undefined {
  const text = JSON.stringify({ format: FORMAT, table, origins, triggers, tried, parsed });
  const isKept = kept?.text === text;
  if (isKept && kept.isOnDisk) return undefined;
  const failed = keepStateFile(system, recordPath(whose, disk), text, { flush: true });
  if (failed === undefined) return kept?.isOnDisk === false ? forget(system, whose, memory) : undefined;
  return isKept ? undefined : keepStateFile(system, recordPath(whose, memory), text);
}

function forget(system: System, whose: RecordOwner, folder: string): SystemError | undefined {
  const path = recordPath(whose, folder);
  const failure = system.unlink(path);
  return isFailure(failure) && failure.errno !== 'ENOENT' ? new SystemError(failure, path) : undefined;
}

function recordPath({ main, handler }: RecordOwner, folder: string): string {
  const suffix = main === CONFIG_FILE ? '' : `-${encodeURIComponent(main)}`;
  // No encoded path has an "@".
  const ofHandler = handler === undefined ? '' : `@${handler.name}`;
  return join(folder, `last-good-settings${suffix}${ofHandler}`);
}
