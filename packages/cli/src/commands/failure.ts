import { refusalLine, refusalOf } from '../call/refusal.js';
import { statusOf } from './exit-status.js';
import type { CommandOutput } from './output.js';

/** Anything thrown, as what a command says before it ends: one line with the code and what to do. */
export function failure(error: unknown): CommandOutput {
  const refusal = refusalOf(error);
  return { status: statusOf(refusal.code), stderr: `ociwrap: ${refusalLine(refusal)}\n` };
}
