import { printable } from '@opencontainers-ts/runtime-spec';
import { CLI_ERROR_CODES } from '../cli-error.js';
import { isError } from '../system/is-error.js';

/** Why a call is not carried out: what the log, the runtime's `--log` and stderr say. */
export interface Refusal {
  /** A stable code of any of the packages. */
  readonly code: string;
  /** What is wrong, and where: one line, printable. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What all errors of the packages have in common (each package has a class of its own, so identity proves nothing). */
interface CodedShape {
  readonly code: string;
  readonly message: string;
  readonly hint?: unknown;
}

const hasCode = (error: unknown): error is CodedShape =>
  isError(error) && 'code' in error && typeof error.code === 'string' && 'hint' in error;

/**
 * Reads a refusal out of anything thrown.
 *
 * Only errors that carry a code and a hint are ours; everything else is a defect and says so, instead of passing
 * for a finding about the container.
 *
 * @example
 * ```ts
 * import { CliError, refusalOf } from '@opencontainers-ts/cli';
 *
 * console.log(refusalOf(new CliError('ERR_USAGE', 'no bundle')).code); // ERR_USAGE
 * console.log(refusalOf(new TypeError('x is undefined')).code); // ERR_UNEXPECTED
 * ```
 */
export function refusalOf(error: unknown): Refusal {
  if (hasCode(error)) {
    return {
      code: printable(error.code),
      message: printable(error.message),
      ...(typeof error.hint === 'string' ? { hint: printable(error.hint) } : {}),
    };
  }
  const text = isError(error) ? `${error.name}: ${error.message}` : String(error);
  return { code: 'ERR_UNEXPECTED', message: printable(text), hint: CLI_ERROR_CODES.ERR_UNEXPECTED.hint };
}

/** The one line that people read: message, code, hint; printable, whatever a refusal was made of. */
export function refusalLine({ code, message, hint }: Refusal): string {
  return printable(`${message} [${code}]${hint === undefined ? '' : `: ${hint}`}`);
}
