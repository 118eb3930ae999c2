import { CliError } from '../cli-error.js';

/**
 * The error for a command line that cannot be carried out as it is written.
 *
 * @param command - whose help tells how it is written: `ociwrap config check`
 */
export function usageError(message: string, command?: string): CliError {
  return new CliError(
    'ERR_USAGE',
    message,
    command === undefined ? {} : { hint: `see \`${command} --help\`` },
  );
}
