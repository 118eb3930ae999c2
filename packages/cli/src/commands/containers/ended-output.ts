import { printableJson } from '@opencontainers-ts/runtime-spec';

import type { CommandOutput } from '../output.js';
import type { ProgramEnd } from './container-commands.js';
import { statusOfEnd } from './program-status.js';

/**
 * What a command says in the end whose standard output is that of a program: nothing, unless it was asked for data, or
 * cannot tell how the program ended. Both go to stderr.
 */
export function endedOutput(
  what: string,
  end: ProgramEnd,
  { id, json }: { readonly id: string; readonly json: boolean },
): CommandOutput {
  const status = statusOfEnd(end);
  if (json) return { status, stderr: printableJson(`${JSON.stringify({ id, ...end })}\n`) };
  if (!('unknown' in end)) return { status };
  return { status, stderr: `ociwrap: how ${what} ended is not known: ${end.unknown}\n` };
}
