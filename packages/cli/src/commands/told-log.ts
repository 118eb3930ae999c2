import { quoted } from '@opencontainers-ts/runtime-spec';

import { refusalLine, refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import type { Log } from '../log/human-log.js';
import { whyOf } from '../log/told-once.js';

/** The log of a command, and what the command has to say of it. */
export interface ToldLog {
  readonly log: Log;
  /** For stderr: a line where a record could not be written; empty where all could. */
  warning(): string;
}

/**
 * A log whose first failure is kept. What a command was asked to do is done all the same, and its exit status says that; that nobody
 * will find it in the log, the command says.
 *
 * @param file - where the records go
 */
export function toldLog(log: Log, file: string): ToldLog {
  let failure: unknown;
  return {
    log: (level, msg, fields) => {
      const failed = log(level, msg, fields);
      failure ??= failed;
      return failed;
    },
    warning: () =>
      failure === undefined ? '' : `ociwrap: warning: ${refusalLine(unwritten(file, failure))}\n`,
  };
}

function unwritten(file: string, failure: unknown) {
  return refusalOf(
    new CliError('ERR_OUTPUT_UNWRITABLE', `the log, ${quoted(file)}, cannot be written: ${whyOf(failure)}`, {
      cause: failure,
      hint: 'see what "ociwrap doctor" says of the log; log.file in /etc/ociwrap/config.toml names another',
    }),
  );
}
