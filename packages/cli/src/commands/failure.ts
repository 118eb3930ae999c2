import { quoted } from '@opencontainers-ts/runtime-spec';

import { refusalLine, refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import { SystemError } from '../system/system.js';
import { statusOf } from './exit-status.js';
import type { CommandOutput } from './output.js';

/** Anything thrown, as what a command says before it ends: one line with the code and what to do. */
export function failure(error: unknown): CommandOutput & { readonly stderr: string } {
  const refusal = refusalOf(error instanceof SystemError ? ofSystem(error) : error);
  return { status: statusOf(refusal.code), stderr: `ociwrap: ${refusalLine(refusal)}\n` };
}

/** What a command looks at, and the machine does not let it. */
function ofSystem(error: SystemError): CliError {
  const { code, syscall = 'a system call', path } = error;
  const message = `${syscall} failed with ${code}${path === undefined ? '' : ` for ${quoted(path)}`}`;
  return new CliError('ERR_INPUT_UNREADABLE', message, { cause: error });
}
