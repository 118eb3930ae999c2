import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { release } from 'node:os';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import {
  closeDescriptor,
  exitOf,
  isChildSubreaper,
  openPidfd,
  setChildSubreaper,
  signalPidfd,
  whenReadable,
} from '../src/index.js';
import { caughtError } from './caught-error.js';
import { leftBehind, OthersChild } from './left-behind.js';
import { buildAddon } from './native-build.js';
import { openDescriptors } from './open-descriptors.js';

const [major = 0, minor = 0] = release().split('.').map(Number);
/** PIDFD_INFO_EXIT. */
const kernelKeepsStatus = major > 6 || (major === 6 && minor >= 15);

beforeAll(() => {
  buildAddon();
  setChildSubreaper(true);
}, 60_000);
afterAll(() => setChildSubreaper(false));

let before: readonly string[];
beforeEach(() => {
  before = openDescriptors();
});
afterEach(() => expect(openDescriptors()).toEqual(before));

const goneBy = (pid: number) => caughtError(() => process.kill(pid, 0))['code'];

describe('a process that a child left behind', () => {
  test.each([
    ['exit 0', { exitCode: 0 }],
    ['exit 3', { exitCode: 3 }],
    ['exit 255', { exitCode: 255 }],
    ['kill -TERM $$', { signal: 15 }],
    ['kill -KILL $$', { signal: 9 }],
    ['kill -40 $$', { signal: 40 }],
    ['ulimit -c 0; kill -SEGV $$', { signal: 11 }],
  ])('%s: %j', async (script, expected) => {
    const pid = await leftBehind(script);
    const pidfd = openPidfd(pid);
    await whenReadable(pidfd);
    expect(exitOf(pidfd)).toEqual(expected);
    expect(goneBy(pid)).toBe('ESRCH');
    // Collected by the first call: now it is what the kernel keeps.
    expect(exitOf(pidfd)).toEqual(kernelKeepsStatus ? expected : { unknown: 'not-kept' });
    expect(caughtError(() => signalPidfd(pidfd, 0))).toMatchObject({
      code: 'ESRCH',
      syscall: 'pidfd_send_signal',
    });
    closeDescriptor(pidfd);
  });

  test('is running until it ends', async () => {
    const pidfd = openPidfd(await leftBehind('exec sleep 60'));
    expect(exitOf(pidfd)).toBeUndefined();
    signalPidfd(pidfd, 0);
    expect(exitOf(pidfd)).toBeUndefined();
    signalPidfd(pidfd, 9);
    await whenReadable(pidfd);
    expect(exitOf(pidfd)).toEqual({ signal: 9 });
    closeDescriptor(pidfd);
  });
});

describe('a process of another parent', () => {
  test.each([
    ['exit 7', { exitCode: 7 }],
    ['kill -HUP $$', { signal: 1 }],
  ])(
    '%s: not known before its parent has collected it, and then %j where the kernel keeps it',
    async (script, expected) => {
      const other = await OthersChild.start(script);
      const pidfd = openPidfd(other.pid);
      await whenReadable(pidfd);
      expect(exitOf(pidfd)).toEqual({ unknown: 'not-reaped' });
      await other.collect();
      expect(exitOf(pidfd)).toEqual(kernelKeepsStatus ? expected : { unknown: 'not-kept' });
      closeDescriptor(pidfd);
      await other.close();
    },
  );

  test('is running until it ends', async () => {
    const other = await OthersChild.start('exec sleep 60');
    const pidfd = openPidfd(other.pid);
    expect(exitOf(pidfd)).toBeUndefined();
    signalPidfd(pidfd, 9);
    await whenReadable(pidfd);
    closeDescriptor(pidfd);
    await other.collect();
    await other.close();
  });
});

test('a child of Node.js is left to Node.js by all that only looks', async () => {
  const child = spawn('sh', ['-c', 'exit 5']);
  const pidfd = openPidfd(Number(child.pid));
  signalPidfd(pidfd, 0);
  const [[code]] = await Promise.all([once(child, 'close'), whenReadable(pidfd)]);
  expect(code).toBe(5);
  closeDescriptor(pidfd);
});

test('the setting of the subreaper is that of the process', () => {
  setChildSubreaper(false);
  expect(isChildSubreaper()).toBe(false);
  setChildSubreaper(true);
  expect(isChildSubreaper()).toBe(true);
});

describe('what cannot be', () => {
  const pastTheLast = 0x7fffffff;
  test.each([
    ['a pid of nobody', () => openPidfd(pastTheLast), 'ESRCH', 'pidfd_open'],
    ['a descriptor that is not open', () => exitOf(pastTheLast), 'EBADF', 'waitid'],
    ['a descriptor that is not open', () => signalPidfd(pastTheLast, 0), 'EBADF', 'pidfd_send_signal'],
    ['a descriptor that is not open', () => closeDescriptor(pastTheLast), 'EBADF', 'close'],
  ])('%s', (_name, act, code, syscall) => {
    expect(caughtError(act)).toMatchObject({ name: 'ErrnoError', code, syscall });
  });

  test('a file that is no pidfd', () => {
    const file = openSync('/dev/null', 'r');
    expect(caughtError(() => exitOf(file))).toMatchObject({ code: 'EBADF' });
    expect(caughtError(() => signalPidfd(file, 9))).toMatchObject({ code: 'EBADF' });
    closeDescriptor(file);
  });

  test.each([
    ['pid', () => openPidfd(0)],
    ['pid', () => openPidfd(-1)],
    ['pid', () => openPidfd(1.5)],
    ['pid', () => openPidfd('1' as unknown as number)],
    ['pidfd', () => exitOf(-1)],
    ['pidfd', () => signalPidfd(Number.NaN, 9)],
    ['signal', () => signalPidfd(1, 65)],
    ['signal', () => signalPidfd(1, -1)],
    ['fd', () => closeDescriptor(-1)],
  ])('an argument that cannot be: %s', (argument, act) => {
    expect(caughtError(act)).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', details: { argument } });
  });
});
