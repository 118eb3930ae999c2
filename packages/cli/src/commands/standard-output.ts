import { type BufferedOutput, bufferedOutput } from '../system/buffered-output.js';
import { type System, SystemError } from '../system/system.js';
import type { CommandOutput } from './output.js';

const STANDARD_OUTPUT = 'standard output';

/**
 * Writes a result that may be longer than memory, as it comes. A reader that has seen enough (`| head`) closes the pipe: that ends the
 * command without words, and with status 1.
 *
 * @throws SystemError where it cannot be written for another reason
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
    const { code, path } = error as Partial<SystemError>;
    if (!(error instanceof SystemError) || code !== 'EPIPE' || path !== STANDARD_OUTPUT) throw error;
    return { status: 1 };
  }
}
