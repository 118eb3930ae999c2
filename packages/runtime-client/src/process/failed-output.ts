import { setTimeout as after } from 'node:timers/promises';

import type { StartedRuntime } from './spawn-runtime.js';

/** What a runtime printed is kept up to this many characters. */
const LONGEST_TEXT = 64 * 1024;

/** Whoever else holds the pipe after a failure (a hook that went on) is not waited for longer than this, in milliseconds. */
const LONGEST_WAIT = 500;

/** What a runtime that failed had printed into a pipe as errors; none where it is no pipe of ours. */
export async function errorsOfFailed({ child: { stderr }, closed }: StartedRuntime): Promise<string> {
  if (stderr === null) return '';
  let text = '';
  const keep = (part: string) => {
    text = (text + part).slice(0, LONGEST_TEXT);
  };
  stderr.setEncoding('utf8').on('data', keep);
  const waiting = new AbortController();
  const inTime = after(LONGEST_WAIT, undefined, { signal: waiting.signal }).catch(() => undefined);
  await Promise.race([new Promise((done) => stderr.once('close', done)), closed, inTime]);
  waiting.abort();
  return text;
}
