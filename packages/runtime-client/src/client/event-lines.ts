import type { CommandLine } from '../commands/command-line.js';
import { type RuntimeEvent, readEvent } from '../events/runtime-event.js';
import { printedLines } from '../process/printed-text.js';
import { type RuntimeCaller, readJson } from './runtime-caller.js';

/**
 * The events of a container, a line of the runtime each. The runtime is started by the first `next()`, and killed by `return()`, also
 * while a `next()` waits, and by the signal.
 */
export function eventLines(
  caller: RuntimeCaller,
  lineOf: () => Promise<CommandLine>,
  signal: AbortSignal | undefined,
): AsyncIterable<RuntimeEvent> {
  return {
    [Symbol.asyncIterator]() {
      const stop = new AbortController();
      const any = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
      const lines = readLines(caller, lineOf, { any, stop: stop.signal });
      return {
        next: () => lines.next(),
        return: async () => {
          stop.abort();
          return lines.return(undefined);
        },
      };
    },
  };
}

async function* readLines(
  caller: RuntimeCaller,
  lineOf: () => Promise<CommandLine>,
  { any, stop }: { readonly any: AbortSignal; readonly stop: AbortSignal },
): AsyncGenerator<RuntimeEvent, undefined> {
  const line = await lineOf();
  const { folder, errors, remove } = await caller.openFolder();
  try {
    const { pipes, ended, kill } = await caller.start(line, folder, {
      streams: ['ignore', 'pipe', errors],
      signal: any,
    });
    try {
      if (pipes.stdout !== undefined) {
        for await (const text of printedLines(pipes.stdout, line.command)) {
          yield readJson(caller, line, text, readEvent);
        }
      }
      await caller.checkEnd(line, folder, await ended);
    } finally {
      kill();
      await ended.catch(() => undefined);
    }
  } catch (error) {
    // Who stopped it does not want to hear of it.
    if (!stop.aborted) throw error;
  } finally {
    await remove();
  }
  return undefined;
}
