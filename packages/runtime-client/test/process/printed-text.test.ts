import { Readable } from 'node:stream';

import { expect, test } from '@jest/globals';

import { errorsOfFailed } from '../../src/process/failed-output.js';
import { printedLines, printedText } from '../../src/process/printed-text.js';

const streamOf = (...texts: readonly string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

async function linesOf(stream: Readable, longest: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of printedLines(stream, 'events', longest)) lines.push(line);
  return lines;
}

const TOO_LONG = { code: 'ERR_RUNTIME_OUTPUT', details: { command: 'events' } };

test('a text that is as long as it may be, and one that is longer', async () => {
  expect(await printedText(streamOf('12', '345'), 'list', 5)).toBe('12345');
  const stream = streamOf('12', '345', '6');
  await expect(printedText(stream, 'events', 5)).rejects.toMatchObject(TOO_LONG);
  expect(stream.destroyed).toBe(true);
});

test('output without an end is not kept: 64 MiB are the most', async () => {
  let given = 0;
  const endless = new Readable({
    read() {
      given += 1;
      this.push(Buffer.alloc(1024 * 1024));
    },
  });
  await expect(printedText(endless, 'events')).rejects.toMatchObject(TOO_LONG);
  expect(given).toBeLessThan(70);
  expect(endless.destroyed).toBe(true);
});

test.each([
  [[], []],
  [['a\nb\n'], ['a', 'b']],
  [
    ['a', 'b\n\n', '\nc'],
    ['ab', 'c'],
  ],
  [['\u00e4'.slice(0, 1), '\n'], ['\u00e4']],
])('lines of %j', async (texts, lines) => expect(await linesOf(streamOf(...texts), 5)).toEqual(lines));

test('a character that comes in two pieces is one', async () => {
  const [first, second] = [...Buffer.from('\u00e4')].map((byte) => Buffer.from([byte]));
  expect(await linesOf(Readable.from([first, second]), 5)).toEqual(['\u00e4']);
});

test('each line may be that long, and no longer', async () => {
  expect(await linesOf(streamOf('12345\n12345\n'), 5)).toEqual(['12345', '12345']);
  await expect(linesOf(streamOf('123', '456'), 5)).rejects.toMatchObject(TOO_LONG);
});

test('of what a failed runtime printed as errors the beginning is kept', async () => {
  const text = await errorsOfFailed(streamOf(...Array(100).fill('x'.repeat(1024))));
  expect(text).toBe('x'.repeat(64 * 1024));
  expect(await errorsOfFailed(undefined)).toBe('');
});
