import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import { failureReason } from './failure-reason.js';
import { lastError, parseRuntimeLog } from './log-record.js';

/** What is known of a call that failed. */
export interface FailedCall {
  readonly runtime: string;
  readonly command: string;
  readonly end: { readonly exitCode: number } | { readonly signal: NodeJS.Signals };
  /** What the runtime printed, where that was kept. */
  readonly stderr: string;
  /** What it wrote into the log of the call. */
  readonly log: string;
}

/**
 * The error of a call that failed: the last error in the log is the message, else what was printed, else how the runtime
 * ended.
 */
export function callError({ runtime, command, end, stderr, log }: FailedCall): RuntimeClientError {
  const records = parseRuntimeLog(log);
  const message = lastError(records)?.message ?? stderr.trim();
  const how = 'exitCode' in end ? `ended with status ${end.exitCode}` : `was ended by ${end.signal}`;
  const told = message === '' ? `${how} and said nothing` : quoted(message);
  return new RuntimeClientError('ERR_RUNTIME_CALL', `${quoted(runtime)} ${command}: ${told}`, {
    details: {
      command,
      runtime,
      reason: failureReason(message),
      ...('exitCode' in end ? { exitStatus: end.exitCode } : { signal: end.signal }),
      stderr,
      log: records.map(({ level, message: text }) => ({ level, message: text })),
    },
  });
}
