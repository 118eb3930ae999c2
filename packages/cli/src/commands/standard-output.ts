import { CliError } from '../cli-error.js';
import { type BufferedOutput, bufferedOutput } from '../system/buffered-output.js';
import { type System, SystemError } from '../system/system.js';
import type { CommandOutput } from './output.js';

const STANDARD_OUTPUT = 'standard output';

/**
 * Writes a result that may be longer than memory, as it comes. A reader that has seen enough (`| head`) closes the pipe: that ends the
 * command without words, and with status 1.
 *
 * @throws CliError `ERR_OUTPUT_UNWRITABLE` where it cannot be written for another reason
 */
export function toStandardOutput(
  system: System,
  write: (output: BufferedOutput) => CommandOutput,
): CommandOutput {
  const output = bufferedOutput(system, 1, STANDARD_OUTPUT);
  try {
    const said = write(output);
    output.flush();
    return said;
  } catch (error) {
    if (!(error instanceof SystemError) || error.path !== STANDARD_OUTPUT) throw error;
    if (error.code === 'EPIPE') return { status: 1 };
    throw new CliError('ERR_OUTPUT_UNWRITABLE', `cannot write ${STANDARD_OUTPUT}: ${error.code}`, {
      cause: error,
    });
  }
}
