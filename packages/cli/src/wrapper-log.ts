import { appendLine } from './append-line.js';
import { formatRecord, LOG_LEVELS, type LogFields, type LogLevel } from './format-record.js';

/** Where records go when `OCIWRAP_LOG_FILE` does not say otherwise: the file of the SGS wrapper. */
export const DEFAULT_LOG_FILE = '/var/log/sgs-runtime-wrapper.log';

export interface LogSettings {
  readonly file: string;
  readonly level: LogLevel;
}

/** Reads the log settings from the caller's environment. An unknown level counts as `info`: a typo must not stop a container. */
export function logSettings(env: Readonly<Record<string, string | undefined>>): LogSettings {
  const level = LOG_LEVELS.find((name) => name === env['OCIWRAP_LOG_LEVEL']) ?? 'info';
  return { file: env['OCIWRAP_LOG_FILE'] || DEFAULT_LOG_FILE, level };
}

/** Whether a record of this level is written under these settings. */
export function isLogged(settings: LogSettings, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(settings.level);
}

/**
 * Writes one record to the wrapper's log. A call whose record is below the level touches no file.
 */
export function writeLog(settings: LogSettings, level: LogLevel, msg: string, fields: LogFields): void {
  if (isLogged(settings, level)) {
    appendToLog(settings.file, formatRecord({ time: new Date(), level, msg, ...fields }, 'json'));
  }
}

/** Appends a finished line to the log, which is created 0600 because paths of volumes are nobody else's business. */
export function appendToLog(file: string, line: string): void {
  appendLine(file, line, { mode: 0o600, followSymlink: false });
}
