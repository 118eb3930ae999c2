import { writeSync } from 'node:fs';

import { type Refusal, refusalLine } from '../call/refusal.js';

/**
 * The one line that the wrapper writes to stderr, and only when it refuses: on success stderr is the container's.
 *
 * @returns what went wrong, if something did (a full pipe, a reader that is gone); the refusal stands all the same
 */
export function tellOnStderr(refusal: Refusal): unknown {
  try {
    writeSync(2, `oci-runtime-wrapper: ${refusalLine(refusal)}\n`);
    return undefined;
  } catch (error) {
    return error;
  }
}
