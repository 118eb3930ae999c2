import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { StandardStreams, type StreamChoices } from '../../src/process/standard-streams.js';

/** The pipes that this process has open, each by its number in the kernel. */
const openPipes = () =>
  readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return []; // the folder that was read itself
      }
    })
    .filter((to) => to.startsWith('pipe:'))
    .sort();

let before: readonly string[];
beforeEach(async () => {
  // What starts children is there from the first one on.
  await once(spawn('true'), 'close');
  before = openPipes();
});
afterEach(async () => {
  while (openPipes().length > before.length) await setImmediate();
  expect(openPipes()).toEqual(before);
});

function start(script: string, choices: StreamChoices = ['pipe', 'pipe', 'pipe']) {
  const streams = new StandardStreams(choices);
  const child = spawn('sh', ['-c', script], { stdio: [...streams.stdio] });
  streams.handOver();
  return { streams, ...streams.pipes, ended: once(child, 'exit') };
}

test('pipes through which all comes, and which a program opens by their paths', async () => {
  const { stdin, stdout, stderr, ended } = start('cat < /dev/stdin > /dev/stdout; echo err > /dev/stderr');
  const long = 'x'.repeat(1_000_000);
  stdin?.end(long);
  const [out, err] = await Promise.all([text(stdout as never), text(stderr as never), ended]);
  expect(out === long).toBe(true);
  expect(err).toBe('err\n');
});

test('only what is asked for is a pipe', () => {
  const streams = new StandardStreams(['ignore', 'pipe', 2]);
  expect(streams.stdio).toEqual(['ignore', expect.any(Number), 2]);
  expect(Object.keys(streams.pipes)).toEqual(['stdout']);
  streams.close();
});

test('stderr alone', async () => {
  const { stdin, stdout, stderr, ended } = start('echo err >&2', ['ignore', 'ignore', 'pipe']);
  expect([stdin, stdout]).toEqual([undefined, undefined]);
  expect(await text(stderr as never)).toBe('err\n');
  await ended;
});

test('a writer that nobody reads is held up, and its output is not kept in memory', async () => {
  const { stdout, stderr, ended, streams } = start('head -c 10000000 /dev/zero; echo done >&2', [
    'ignore',
    'pipe',
    'pipe',
  ]);
  // It writes as much as fits, and waits: that it did not end is seen by whoever reads.
  await once(stdout as never, 'readable');
  for (let round = 0; round < 100; round += 1) await setImmediate();
  expect(stdout?.readableLength).toBeLessThan(1_000_000);
  expect(stderr?.readableLength).toBe(0);
  let size = 0;
  stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  await Promise.all([ended, once(stdout as never, 'end')]);
  expect(size).toBe(10_000_000);
  expect(await text(stderr as never)).toBe('done\n');
  streams.close();
});

test('what the writer left is there for who reads later, and the descriptors are not', async () => {
  const { stdout, stderr, ended, streams } = start('head -c 60000 /dev/zero');
  await ended;
  streams.finish();
  while (openPipes().length > before.length) await setImmediate();
  expect([(await text(stdout as never)).length, await text(stderr as never)]).toEqual([60_000, '']);
});

test('a reader that is gone fails the write, and not the process', async () => {
  const { stdin, stdout, ended, streams } = start('exec <&-; echo closed');
  await once(stdout as never, 'data');
  const error = await new Promise<NodeJS.ErrnoException>((done) => stdin?.write('x', done as never));
  expect(error.code).toBe('EPIPE');
  await ended;
  streams.close();
});

test('a stream that the caller destroys ends the writer', async () => {
  const { stdout, stdin, stderr, ended } = start('exec yes');
  await once(stdout as never, 'data');
  stdout?.destroy();
  expect(await ended).toEqual([null, 'SIGPIPE']);
  stdin?.destroy();
  stderr?.destroy();
});
