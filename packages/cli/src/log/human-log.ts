import { writeSync } from 'node:fs';

import { createLogger, format, type Logger } from 'winston';
import Transport from 'winston-transport';

import { formatRecord, type LogFields, type LogLevel } from './format-record.js';
import { appendToLog, type LogSettings } from './wrapper-log.js';

/** Where winston's transports find the finished line (the `MESSAGE` symbol of logform and triple-beam). */
const LINE = Symbol.for('message');

/** One record of a command, with the fields that the wrapper's records have. */
export type Log = (level: LogLevel, msg: string, fields: LogFields) => void;

export interface HumanLogOptions {
  /** Write every record to stderr too; else people only see what the command itself says. */
  readonly verbose: boolean;
  /** The wrapper's log, where what `ociwrap` changes is recorded beside what the wrapper changed. */
  readonly wrapperLog: LogSettings;
  /** For tests: where the lines for people go. @defaultValue file descriptor 2 */
  readonly writeToStderr?: (line: string) => void;
}

/** Gives each line to a function and waits for nothing: what is logged is written when the call returns. */
class LineTransport extends Transport {
  private readonly append: (line: string) => void;

  constructor(options: Transport.TransportStreamOptions, append: (line: string) => void) {
    super(options);
    this.append = append;
  }

  // winston's own file and stream transports lose lines when the process ends (winston#228).
  override log(info: { readonly [LINE]?: string }, next: () => void): void {
    this.append(info[LINE] ?? '');
    next();
  }
}

/** The form of all records of this program, as a winston format. */
const recordFormat = format((info, options) => {
  const { level, message, fields } = info;
  const record = {
    ...(fields as LogFields),
    time: new Date(),
    level: level as LogLevel,
    msg: String(message),
  };
  return { ...info, [LINE]: formatRecord(record, (options as { form: 'json' | 'text' }).form) };
});

function recordLogger({ verbose, wrapperLog, writeToStderr }: HumanLogOptions): Logger {
  const toStderr = writeToStderr ?? ((line: string) => void writeSync(2, line));
  return createLogger({
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    level: 'debug',
    transports: [
      new LineTransport(
        { silent: !verbose, level: 'debug', format: recordFormat({ form: 'text' }) },
        toStderr,
      ),
      new LineTransport(
        { level: wrapperLog.level, format: recordFormat({ form: wrapperLog.format }) },
        (line) => appendToLog(wrapperLog, line),
      ),
    ],
  });
}

/**
 * The log of `ociwrap`'s commands: winston with the wrapper's own record form, to stderr for people and to the
 * wrapper's log file for the record.
 */
export function humanLog(options: HumanLogOptions): Log {
  const logger = recordLogger(options);
  return (level, msg, fields) => {
    // As one member: winston puts a field of the name `message` behind the message.
    logger.log({ level, message: msg, fields });
  };
}
