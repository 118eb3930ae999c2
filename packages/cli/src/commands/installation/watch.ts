import { answerOf, type System } from '../../system/system.js';
import { bytesOf } from '../../system/text.js';
import { writeAll } from '../../system/write-all.js';
import { failure } from '../failure.js';
import type { CommandOutput } from '../output.js';

/** The largest number of seconds between two times: a day. */
const LONGEST_INTERVAL = 86_400;

/**
 * Does something again and again until the program is told to end, and tells what it has to say when that is something new.
 *
 * @param seconds - between two times
 * @param once - is not stopped by what it throws: what is wrong may be right the next time
 */
export async function watch(
  system: System,
  seconds: number,
  once: () => Promise<CommandOutput>,
): Promise<CommandOutput> {
  const milliseconds = Math.min(Math.max(seconds, 1), LONGEST_INTERVAL) * 1000;
  let told = '';
  // From here on the signal waits until it is looked for, so that no step is cut off.
  for (let end = awaitEnd(system, 0); !end; end = awaitEnd(system, milliseconds)) {
    const { stdout = '', stderr = '' } = await tried(once);
    writeAll(system, 1, bytesOf(stdout));
    if (stderr !== told) writeAll(system, 2, bytesOf(stderr));
    told = stderr;
  }
  return { status: 0 };
}

/** Waits for a signal that ends programs. */
export function awaitEnd(system: System, milliseconds: number): boolean {
  return answerOf(system.awaitSignal(milliseconds)) !== undefined;
}

async function tried(once: () => Promise<CommandOutput>): Promise<CommandOutput> {
  try {
    return await once();
  } catch (error) {
    return failure(error);
  }
}
