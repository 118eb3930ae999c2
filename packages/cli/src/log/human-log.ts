import type { System } from '../system/system.js';
import { bytesOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';
import { formatRecord, type LogFields, type LogLevel } from './format-record.js';
import { type LogSettings, writeLog } from './wrapper-log.js';

/**
 * One record of a command, with the fields that the wrapper's records have.
 *
 * @returns what went wrong with the wrapper's log, if something did
 */
export type Log = (level: LogLevel, msg: string, fields: LogFields) => unknown;

export interface HumanLogOptions {
  /** Write every record to stderr too; else people only see what the command itself says. */
  readonly verbose: boolean;
  /** The wrapper's log, where what `ociwrap` changes is recorded beside what the wrapper changed. */
  readonly wrapperLog: LogSettings;
  /** For tests: where the lines for people go. @defaultValue file descriptor 2 */
  readonly writeToStderr?: (line: string) => void;
}

/**
 * The log of `ociwrap`'s commands: each record as text on stderr for people, and in the wrapper's log file for the record.
 * What is logged is written when the call returns.
 */
export function humanLog(
  system: System,
  { verbose, wrapperLog, writeToStderr = (line) => void writeAll(system, 2, bytesOf(line)) }: HumanLogOptions,
): Log {
  return (level, msg, fields) => {
    if (verbose) {
      writeToStderr(formatRecord({ ...fields, time: new Date(system.now()), level, msg }, 'text'));
    }
    return writeLog(system, wrapperLog, level, msg, fields);
  };
}
