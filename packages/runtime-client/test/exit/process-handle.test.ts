import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setChildSubreaper } from '@opencontainers-ts/exec-native';

import { leftBehind, OthersChild } from '../../../exec-native/test/left-behind.js';
import { buildAddon } from '../../../exec-native/test/native-build.js';
import { openDescriptors } from '../../../exec-native/test/open-descriptors.js';
import { exitOfZombie } from '../../src/exit/proc-files.js';
import { ProcessHandle } from '../../src/exit/process-handle.js';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

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

function open(pid: number): ProcessHandle {
  const handle = ProcessHandle.open(pid);
  if (handle === undefined) throw new Error(`${pid} is gone`);
  return handle;
}

describe('an orphan, of which this process is the subreaper', () => {
  test.each([
    ['exit 0', { exitCode: 0 }],
    ['exit 3', { exitCode: 3 }],
    ['kill -TERM $$', { signal: 'SIGTERM' }],
    ['kill -40 $$', { unknown: expect.stringContaining('signal 40') }],
  ])('%s: %j, for all who wait, and again', async (script, expected) => {
    const handle = open(await leftBehind(script));
    expect(await Promise.all([handle.wait(), handle.wait()])).toEqual([expected, expected]);
    expect(handle.isAlive()).toBe(false);
    expect(await handle.wait()).toEqual(expected);
    handle.signal('SIGKILL'); // nobody is hit
    handle.close();
    expect(ProcessHandle.open(handle.pid, { startTime: handle.startTime })).toBeUndefined();
  });

  test('is alive until the signal that ends it', async () => {
    const pid = await leftBehind('exec sleep 60');
    const handle = open(pid);
    const again = ProcessHandle.open(pid, { startTime: handle.startTime });
    expect(again?.pid).toBe(pid);
    expect(ProcessHandle.open(pid, { startTime: handle.startTime + 1n })).toBeUndefined();
    expect([handle.isAlive(), again?.isAlive()]).toEqual([true, true]);
    handle.signal(0);
    handle.signal('SIGKILL');
    expect(await handle.wait()).toEqual({ signal: 'SIGKILL' });
    expect(again?.isAlive()).toBe(false);
    handle.close();
    again?.close();
  });
});

describe("another process's child", () => {
  test.each([
    ['exit 0', { exitCode: 0 }],
    ['exit 7', { exitCode: 7 }],
    ['kill -HUP $$', { signal: 'SIGHUP' }],
  ])('that nobody has collected has ended: %s', async (script, expected) => {
    const other = await OthersChild.start(script);
    const handle = open(other.pid);
    expect(await handle.wait()).toEqual(expected);
    expect(handle.isAlive()).toBe(false);
    const zombie = open(other.pid);
    expect(zombie.isAlive()).toBe(false);
    await other.collect();
    expect(await handle.wait()).toEqual(expected);
    handle.close();
    zombie.close();
    await other.close();
  });

  test.each([
    ['exit 0', { exitCode: 0 }],
    ['exit 7', { exitCode: 7 }],
  ])('who may not trace it does not take what is hidden for a success: %s', async (script, expected) => {
    const other = await OthersChild.start(script);
    const handle = open(other.pid);
    await handle.wait();
    expect(exitOfZombie(other.pid, handle.startTime)).toEqual(expected);
    expect(exitOfZombie(other.pid, handle.startTime + 1n)).toBeUndefined();
    // Who is nobody special owns the process here, and may trace it.
    const hidden = isRoot ? undefined : expected;
    expect(asNobody(() => exitOfZombie(other.pid, handle.startTime))).toEqual(hidden);
    await other.collect();
    expect(exitOfZombie(other.pid, handle.startTime)).toBeUndefined();
    handle.close();
    await other.close();
  });
});

function asNobody<T>(look: () => T): T {
  if (!isRoot) return look();
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe('a wait', () => {
  test('is ended by its signal, and no other one is', async () => {
    const handle = open(await leftBehind('exec sleep 60'));
    const stop = new AbortController();
    const stopped = handle.wait({ signal: stop.signal });
    const other = handle.wait();
    const early = handle.wait({ signal: AbortSignal.abort('before') });
    stop.abort('enough');
    await expect(stopped).rejects.toBe('enough');
    await expect(early).rejects.toBe('before');
    expect(handle.isAlive()).toBe(true);
    handle.signal('SIGTERM');
    expect(await other).toEqual({ signal: 'SIGTERM' });
    handle.close();
  });

  test('is ended by close, which leaves the process', async () => {
    const pid = await leftBehind('exec sleep 60');
    const handle = open(pid);
    const wait = handle.wait();
    handle.close();
    handle.close();
    await expect(wait).rejects.toMatchObject({ code: 'ERR_PROCESS', details: { pid: String(pid) } });
    await expect(handle.wait()).rejects.toMatchObject({ code: 'ERR_PROCESS' });
    expect(() => handle.isAlive()).toThrow(expect.objectContaining({ code: 'ERR_PROCESS' }));
    expect(() => handle.signal('SIGKILL')).toThrow(expect.objectContaining({ code: 'ERR_PROCESS' }));
    const again = open(pid);
    expect(again.isAlive()).toBe(true);
    again.signal('SIGKILL');
    await again.wait();
    again.close();
  });

  test('what was known when it was closed stays known', async () => {
    const handle = open(await leftBehind('exit 4'));
    await handle.wait();
    handle[Symbol.dispose]();
    expect(await handle.wait()).toEqual({ exitCode: 4 });
  });
});

describe('what cannot be', () => {
  test.each([[0], [-1], [1.5], ['1'], [undefined]])('the pid %j', (pid) => {
    expect(() => ProcessHandle.open(pid as number)).toThrow(expect.objectContaining({ code: 'ERR_PROCESS' }));
  });

  test('the pid of nobody', () => expect(ProcessHandle.open(0x7fffffff)).toBeUndefined());

  test.each([['SIGNONE'], [65], ['\x1b[2J']])('the signal %j', (signal) => {
    const handle = open(process.pid);
    expect(() => handle.signal(signal as NodeJS.Signals)).toThrow(
      expect.objectContaining({
        code: 'ERR_PROCESS',
        message: expect.not.stringContaining('\x1b'),
      }),
    );
    handle.close();
  });
});
