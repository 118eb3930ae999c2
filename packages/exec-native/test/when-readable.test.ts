import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { closeDescriptor, openPidfd, whenReadable } from '../src/index.js';
import { bundledScript } from './bundled-script.js';
import { buildAddon } from './native-build.js';
import { openDescriptors } from './open-descriptors.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
beforeAll(buildAddon, 60_000);

const ownPidfd = () => openPidfd(process.pid);

/** A pipe with a name, both ends in one descriptor: what is written to it can be read from it. */
function openPipe(): number {
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  return openSync(path, 'r+');
}

describe('a wait', () => {
  test('ends when there is something to read, each of several for the same descriptor', async () => {
    const before = openDescriptors();
    const pipe = openPipe();
    const ends: string[] = [];
    const waits = ['one', 'other'].map((name) => whenReadable(pipe).then(() => ends.push(name)));
    await setImmediate();
    expect(ends).toEqual([]);
    writeSync(pipe, 'x');
    await Promise.all(waits);
    expect(ends.sort()).toEqual(['one', 'other']);
    await whenReadable(pipe);
    closeSync(pipe);
    expect(openDescriptors()).toEqual(before);
  });

  test('goes on where the descriptor is closed and its number is another file', async () => {
    const before = openDescriptors();
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pidfd = openPidfd(Number(child.pid));
    const wait = whenReadable(pidfd);
    closeDescriptor(pidfd);
    const file = openSync('/dev/null', 'r');
    expect(file).toBe(pidfd);
    child.kill();
    await Promise.all([wait, once(child, 'exit')]);
    closeSync(file);
    expect(openDescriptors()).toEqual(before);
  });

  test('is ended by a signal, with its reason, and leaves no descriptor', async () => {
    const pidfd = ownPidfd();
    const before = openDescriptors();
    const stop = new AbortController();
    const waits = [
      whenReadable(pidfd, { signal: stop.signal }),
      whenReadable(pidfd, { signal: stop.signal }),
    ];
    const ends = Promise.allSettled(waits);
    expect(openDescriptors()).toHaveLength(before.length + 2);
    stop.abort('no more');
    const ended = { status: 'rejected', reason: 'no more' };
    expect(await ends).toEqual([ended, ended]);
    expect(openDescriptors()).toEqual(before);
    await expect(whenReadable(pidfd, { signal: stop.signal })).rejects.toBe('no more');
    closeDescriptor(pidfd);
  });

  test('that has ended is not touched by its signal', async () => {
    const pipe = openPipe();
    writeSync(pipe, 'x');
    const stop = new AbortController();
    await whenReadable(pipe, { signal: stop.signal });
    const going = whenReadable(pipe);
    stop.abort();
    await going;
    closeSync(pipe);
  });

  test.each([
    ['that is not open', 0x7fffffff, { code: 'EBADF' }],
    ['that cannot be', -1, { code: 'ERR_INVALID_ARG_TYPE', details: { argument: 'fd' } }],
  ])('for a descriptor %s', async (_name, fd, expected) => {
    await expect(whenReadable(fd)).rejects.toMatchObject(expected);
  });

  test('for a regular file', async () => {
    const before = openDescriptors();
    const file = openSync('/etc/passwd', 'r');
    await expect(whenReadable(file)).rejects.toMatchObject({ code: 'EPERM', syscall: 'uv_poll' });
    closeSync(file);
    expect(openDescriptors()).toEqual(before);
  });
});

describe('a program', () => {
  function run(name: string, body: string) {
    const { stdout, stderr, status, signal } = spawnSync(
      process.execPath,
      [bundledScript(folder, name, body)],
      {
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    return { stdout, stderr, status, signal };
  }

  test('is kept by a wait, which takes no thread', () => {
    const body = `
      const { readdirSync } = require('node:fs');
      const threads = () => readdirSync('/proc/self/task').length;
      const child = require('node:child_process').spawn('sleep', ['0.3'], { stdio: 'ignore' });
      child.unref();
      const before = threads();
      native.whenReadable(native.openPidfd(child.pid)).then(() => console.log('ended', threads() - before));`;
    expect(run('kept', body)).toEqual({ stdout: 'ended 0\n', stderr: '', status: 0, signal: null });
  });

  test('leaves without a word though waits are open', () => {
    const body = `
      native.whenReadable(native.openPidfd(process.pid));
      setImmediate(() => process.exit(4));`;
    expect(run('left', body)).toEqual({ stdout: '', stderr: '', status: 4, signal: null });
  });

  test('waits in a worker, and ends one that waits: its descriptors are closed', () => {
    const body = `
      const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
      const { readdirSync } = require('node:fs');
      const duplicates = () => readdirSync('/proc/self/fd').map((fd) => {
        try { return require('node:fs').readlinkSync('/proc/self/fd/' + fd) } catch { return '' }
      }).filter((leads) => /pidfd/.test(leads)).length;
      if (isMainThread) {
        const child = require('node:child_process').spawn('sleep', ['0.3'], { stdio: 'ignore' });
        const pidfd = native.openPidfd(child.pid);
        const own = native.openPidfd(process.pid);
        const worker = new Worker(__filename, { workerData: { pidfd, own } });
        worker.on('message', async (message) => {
          console.log(message, duplicates());
          console.log(await worker.terminate(), duplicates());
        });
      } else {
        native.whenReadable(workerData.own);
        native.whenReadable(workerData.pidfd).then(() => {
          native.closeDescriptor(workerData.pidfd);
          setImmediate(() => parentPort.postMessage('ended'));
        });
      }`;
    expect(run('worker', body)).toEqual({ stdout: 'ended 2\n1 1\n', stderr: '', status: 0, signal: null });
  });

  test('that throws in what follows a wait ends by that', () => {
    const body = `native.whenReadable(native.listenUnix(process.argv[1] + '.socket'), { signal: AbortSignal.abort(new TypeError('no')) });`;
    expect(run('thrown', body)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('TypeError: no'),
    });
  });
});
