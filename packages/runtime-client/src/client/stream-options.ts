import type { StreamChoice, StreamChoices } from '../process/standard-streams.js';
import { RuntimeClientError } from '../runtime-client-error.js';

/** The standard streams of a container's process, and its further descriptors. */
export interface StreamOptions {
  /**
   * Standard input, output and error of the container's process, each or all: `ignore` (/dev/null), `inherit`, `pipe`, or a descriptor of
   * this process. Default: `ignore` of what is created or detached, else `pipe`. With a terminal they are the runtime's only.
   */
  readonly stdio?: StreamChoice | readonly [StreamChoice, StreamChoice, StreamChoice];
  /** Descriptors of this process that the container's process finds as 3, 4 and so on. */
  readonly preserveDescriptors?: readonly number[];
}

/** Each of the three. */
export function streamsOf({ stdio }: StreamOptions, otherwise: StreamChoice): StreamChoices {
  const [input, output, errors] = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  return [checked(input ?? otherwise), checked(output ?? otherwise), checked(errors ?? otherwise)];
}

function checked(choice: unknown): StreamChoice {
  if (choice === 'ignore' || choice === 'inherit' || choice === 'pipe') return choice;
  if (Number.isSafeInteger(choice) && (choice as number) >= 0) return choice as number;
  throw new RuntimeClientError(
    'ERR_RUNTIME_OPTION',
    'stdio is "ignore", "inherit", "pipe", a descriptor, or a list of three of them',
    { details: { option: 'stdio' } },
  );
}
