import type { System } from '../system/system.js';
import { appendLine } from './append-line.js';
import { formatRecord, LOG_LEVELS, type LogFields, type LogLevel } from './format-record.js';
import { rotateLog } from './rotate-log.js';

/** Where records go when nothing says otherwise: the file of the SGS wrapper. */
export const DEFAULT_LOG_FILE = '/var/log/sgs-runtime-wrapper.log';

/** Where and how the wrapper's own log is written. */
export interface LogSettings {
  readonly file: string;
  /** The least important level that is written. */
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** In bytes: a file that is larger is renamed to `FILE.1` before the next record. 0: no limit. */
  readonly maxSize: number;
}

/** Whether a record of this level is written under these settings. */
export function isLogged(settings: Pick<LogSettings, 'level'>, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(settings.level);
}

/**
 * Writes one record to the wrapper's log. A call whose record is below the level touches no file.
 */
export function writeLog(
  system: System,
  settings: LogSettings,
  level: LogLevel,
  msg: string,
  fields: LogFields,
): void {
  if (isLogged(settings, level)) {
    const time = new Date(system.now());
    appendToLog(system, settings, formatRecord({ ...fields, time, level, msg }, settings.format));
  }
}

/** Appends a finished line to the log, which is created 0600 because paths of volumes are nobody else's business. */
export function appendToLog(
  system: System,
  { file, maxSize }: Pick<LogSettings, 'file' | 'maxSize'>,
  line: string,
): void {
  if (maxSize > 0) {
    rotateLog(system, file, maxSize);
  }
  appendLine(system, file, line, { mode: 0o600, followSymlink: false });
}
