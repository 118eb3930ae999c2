import { createInterface } from 'node:readline';

import type { CommandLine } from '../commands/command-line.js';
import { type RuntimeEvent, readEvent } from '../events/runtime-event.js';
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
  const own = new AbortController();
  try {
    const { child, ended } = await caller.start(line, folder, {
      streams: ['ignore', 'pipe', errors],
      signal: AbortSignal.any([any, own.signal]),
    });
    try {
      if (child.stdout !== null) {
        for await (const text of createInterface({ input: child.stdout })) {
          if (text !== '') yield readJson(caller, line, text, readEvent);
        }
      }
      await caller.checkEnd(line, folder, await ended);
    } finally {
      own.abort();
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
