import { CliError } from '../cli-error.js';

/** The error for a command line that cannot be carried out as it is written. */
export function usageError(message: string): CliError {
  return new CliError('ERR_USAGE', message);
}
