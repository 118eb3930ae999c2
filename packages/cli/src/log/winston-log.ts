import { createLogger, format } from 'winston';
import Transport from 'winston-transport';

import type { System } from '../system/system.js';
import { bytesOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';
import { formatRecord, type LogFields, type LogLevel } from './format-record.js';
import type { HumanLogOptions, Log } from './human-log.js';
import { appendToLog } from './wrapper-log.js';

/** Where winston's transports find the finished line (the `MESSAGE` symbol of logform and triple-beam). */
const LINE = Symbol.for('message');

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
  const { form, system } = options as { readonly form: 'json' | 'text'; readonly system: System };
  const record = {
    ...(fields as LogFields),
    time: new Date(system.now()),
    level: level as LogLevel,
    msg: String(message),
  };
  return { ...info, [LINE]: formatRecord(record, form) };
});

/**
 * The log of `humanLog` by winston, to the byte: for the npm package, where whoever runs Node.js may hang transports of
 * their own on it. The static program has neither.
 */
export function winstonLog(
  system: System,
  { verbose, wrapperLog, writeToStderr = (line) => void writeAll(system, 2, bytesOf(line)) }: HumanLogOptions,
): Log {
  let failure: unknown;
  const logger = createLogger({
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    level: 'debug',
    transports: [
      new LineTransport(
        { silent: !verbose, level: 'debug', format: recordFormat({ form: 'text', system }) },
        writeToStderr,
      ),
      new LineTransport(
        { level: wrapperLog.level, format: recordFormat({ form: wrapperLog.format, system }) },
        (line) => {
          failure = appendToLog(system, wrapperLog, line);
        },
      ),
    ],
  });
  return (level, msg, fields) => {
    // As one member: winston puts a field of the name `message` behind the message.
    failure = undefined;
    logger.log({ level, message: msg, fields });
    return failure;
  };
}
