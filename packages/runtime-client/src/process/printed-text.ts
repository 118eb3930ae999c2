import type { Readable } from 'node:stream';

import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';

/** What a runtime may print, in bytes: 64 MiB. */
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/**
 * All that a command of a runtime prints.
 *
 * @param longest bytes that it may be at most
 * @throws RuntimeClientError `ERR_RUNTIME_OUTPUT` where it is more; the stream is closed then
 */
export async function printedText(
  stream: Readable,
  command: string,
  longest = LONGEST_OUTPUT,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longest) throw tooLong(command, longest, 'in all');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const LINE_FEED = 0x0a;

/**
 * The lines that a command of a runtime prints, without those that are empty.
 *
 * @param longest bytes that one may be at most
 * @throws RuntimeClientError `ERR_RUNTIME_OUTPUT` where one is longer; the stream is closed then
 */
export async function* printedLines(
  stream: Readable,
  command: string,
  longest = LONGEST_OUTPUT,
): AsyncGenerator<string, undefined> {
  let begun: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]).toString('utf8');
      if (line !== '') yield line;
      [begun, size, from] = [[], 0, end + 1];
    }
    size += chunk.length - from;
    if (size > longest) throw tooLong(command, longest, 'in one line');
    begun.push(chunk.subarray(from));
  }
  const last = Buffer.concat(begun).toString('utf8');
  if (last !== '') yield last;
  return undefined;
}

function tooLong(command: string, longest: number, where: string): RuntimeClientError {
  return new RuntimeClientError(
    'ERR_RUNTIME_OUTPUT',
    `${quoted(command)} printed more than ${longest} bytes ${where}`,
    { details: { command } },
  );
}
