import { answerOf, type FileStatus, type System } from '../system/system.js';
import { toFile, writeLine } from './append-line.js';
import { formatRecord, LOG_LEVELS, type LogFields, type LogLevel } from './format-record.js';
import { rotateLog } from './rotate-log.js';

/** Where records go when nothing says otherwise: the file of the SGS wrapper. */
export const DEFAULT_LOG_FILE = '/var/log/sgs-runtime-wrapper.log';

/** `kMostOfLog` of the launcher, which leaves a larger log to this program. */
export const DEFAULT_MAX_SIZE = 10 * 1024 * 1024;

/** Where and how the wrapper's own log is written. */
export interface LogSettings {
  readonly file: string;
  /** The least important level that is written. */
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** In bytes: a file that is larger is renamed to `FILE.1` before the next record. 0: no limit. */
  readonly maxSize: number;
  /** How many old files are kept: `FILE.1`, the youngest, to `FILE.KEEP`. */
  readonly keep: number;
}

/** Whether a record of this level is written under these settings. */
export function isLogged(settings: Pick<LogSettings, 'level'>, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(settings.level);
}

/**
 * Writes one record to the wrapper's log. A call whose record is below the level touches no file.
 *
 * @returns what went wrong, if something did
 */
export function writeLog(
  system: System,
  settings: LogSettings,
  level: LogLevel,
  msg: string,
  fields: LogFields,
): unknown {
  if (!isLogged(settings, level)) return undefined;
  const time = new Date(system.now());
  return appendToLog(system, settings, formatRecord({ ...fields, time, level, msg }, settings.format));
}

/** Other calls rotate the log meanwhile. So often in a row no log of a sensible size is. */
const MOST_TRIES = 16;
const MOST_ROTATIONS = 8;

/**
 * Appends a finished line to the log, which is created 0600 because paths of volumes are nobody else's business.
 *
 * Nobody waits for anybody: a write(2) to a file that is open for appending is one step, and it does no harm if the file has become
 * `FILE.1` meanwhile. Only if it was the oldest, and is gone, the line is written once more.
 *
 * @returns what went wrong, if something did: a log that cannot be written never stops a container, and one that cannot be rotated
 *   is written all the same
 */
export function appendToLog(
  system: System,
  { file, maxSize, keep }: Pick<LogSettings, 'file' | 'maxSize' | 'keep'>,
  line: string,
): unknown {
  let failure: unknown;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const mayRotate = maxSize > 0 && failure === undefined && tries < MOST_ROTATIONS;
    const done = toFile(system, file, { mode: 0o600, followSymlink: false }, (fd, status) => {
      if (isNull(status)) return true;
      if (status.type !== 'file') throw new Error('not a regular file');
      try {
        if (mayRotate && status.size > maxSize && rotateLog(system, file, fd, keep)) return false;
      } catch (error) {
        failure = error;
      }
      writeLine(system, fd, line);
      return answerOf(system.fstat(fd)).nlink > 0;
    });
    if ('failure' in done) return done.failure;
    if (done.answer) return failure;
  }
  return failure ?? new Error('it is taken away all the time');
}

/** /dev/null, for those who want no log (Documentation/admin-guide/devices.txt). */
function isNull({ type, major, minor }: FileStatus): boolean {
  return type === 'character-device' && major === 1 && minor === 3;
}
