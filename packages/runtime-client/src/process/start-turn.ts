import { setImmediate as nextTurn } from 'node:timers/promises';

let last: Promise<unknown> = Promise.resolve();

/**
 * Lets one caller of this process through in each turn of the event loop. Node.js starts a process synchronously (uv_spawn): it copies
 * the page tables of this one and waits for the execve, tens of milliseconds where this one is large. Thirty calls made in one turn
 * would so hold up all else for seconds. What has started is not waited for: a runtime that hangs must not keep the one from starting
 * that kills its container.
 */
export function startTurn(): Promise<unknown> {
  last = last.then(() => nextTurn());
  return last;
}
