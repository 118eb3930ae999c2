import { type Refusal, refusalLine } from '../call/refusal.js';
import { type Failure, isFailure, type System } from '../system/system.js';
import { bytesOf } from '../system/text.js';

/**
 * The one line that the wrapper writes to stderr, and only when it refuses: on success stderr is the container's.
 *
 * @returns what went wrong, if something did (a full pipe, a reader that is gone); the refusal stands all the same
 */
export function tellOnStderr(system: System, refusal: Refusal): Failure | undefined {
  const written = system.write(2, bytesOf(`oci-runtime-wrapper: ${refusalLine(refusal)}\n`));
  return isFailure(written) ? written : undefined;
}
