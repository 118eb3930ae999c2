import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as after } from 'node:timers/promises';

/** What a runtime printed is kept up to this many characters. */
const LONGEST_TEXT = 64 * 1024;

/** Whoever else holds the pipe after a failure (a hook that went on) is not waited for longer than this, in milliseconds. */
const LONGEST_WAIT = 500;

/** What a runtime that failed had printed into a pipe as errors; none where it is no pipe of ours. */
export async function errorsOfFailed(stderr: Readable | undefined): Promise<string> {
  if (stderr === undefined) return '';
  let text = '';
  stderr.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(0, LONGEST_TEXT);
  });
  const waiting = new AbortController();
  const inTime = after(LONGEST_WAIT, undefined, { signal: waiting.signal }).catch(() => undefined);
  // How the stream ends does not matter: what came is what there is.
  await Promise.race([finished(stderr).catch(() => undefined), inTime]);
  waiting.abort();
  return text;
}
