import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import {
  acceptUnix,
  closeDescriptor,
  listenUnix,
  receiveDescriptor,
  setWindowSize,
  whenReadable,
  windowSize,
} from '../src/index.js';
import { caughtError } from './caught-error.js';
import { buildAddon, buildSendDescriptors } from './native-build.js';
import { openDescriptors } from './open-descriptors.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
let sendDescriptors: string;
beforeAll(() => {
  buildAddon();
  sendDescriptors = buildSendDescriptors();
}, 60_000);

let before: readonly string[];
beforeEach(() => {
  before = openDescriptors();
});
afterEach(() => expect(openDescriptors()).toEqual(before));

const closesOnExec = (fd: number) =>
  (Number.parseInt(/^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '', 8) &
    0o2000000) !==
  0;

let sockets = 0;

/** What the receiver makes of a message with these files, its connection and all else closed again. */
async function received<T>(
  text: string,
  files: readonly string[],
  receive: (connection: number) => T,
): Promise<T> {
  const path = join(folder, `socket-${++sockets}`);
  const listener = listenUnix(path);
  expect(statSync(path).isSocket()).toBe(true);
  expect(closesOnExec(listener)).toBe(true);
  expect(caughtError(() => acceptUnix(listener))).toMatchObject({ code: 'EAGAIN', syscall: 'accept4' });
  const sender = spawn(sendDescriptors, [path, text, ...files], { stdio: 'ignore' });
  const ended = once(sender, 'exit');
  await whenReadable(listener);
  const connection = acceptUnix(listener);
  expect(closesOnExec(connection)).toBe(true);
  expect(await ended).toEqual([0, null]);
  try {
    return receive(connection);
  } finally {
    closeDescriptor(connection);
    closeDescriptor(listener);
  }
}

describe('receiveDescriptor', () => {
  test('gets the descriptor of another process, and the text with it', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'of the sender');
    const { descriptor, text } = await received('/dev/pts/ptmx é', [file], receiveDescriptor);
    expect(text).toBe('/dev/pts/ptmx é');
    expect(closesOnExec(descriptor)).toBe(true);
    expect(fstatSync(descriptor).ino).toBe(statSync(file).ino);
    closeDescriptor(descriptor);
  });

  test.each([
    ['no descriptor', 'text', [], 'EBADMSG'],
    ['two', 'text', ['/dev/null', '/dev/zero'], 'EBADMSG'],
    ['as many as a message can have', 'text', Array.from({ length: 253 }, () => '/dev/null'), 'EBADMSG'],
    ['nothing: the sender has left', '', [], 'ECONNRESET'],
  ])('a message with %s', async (_name, text, files, code) => {
    const error = await received(text, files, (connection) =>
      caughtError(() => receiveDescriptor(connection)),
    );
    expect(error).toMatchObject({ name: 'ErrnoError', code, syscall: 'recvmsg' });
  });

  test('no message yet, then the end of the connection', async () => {
    const after = await received('text', ['/dev/null'], (connection) => {
      closeDescriptor(receiveDescriptor(connection).descriptor);
      return caughtError(() => receiveDescriptor(connection));
    });
    expect(after).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('listenUnix', () => {
  test.each([
    ['EADDRINUSE', () => folder],
    ['ENOENT', () => join(folder, 'missing/socket')],
    ['ENOENT', () => ''],
    ['ENAMETOOLONG', () => join(folder, 'x'.repeat(107 - folder.length))],
  ])('%s', (code, path) => {
    expect(caughtError(() => listenUnix(path()))).toMatchObject({ code, syscall: 'bind', path: path() });
  });

  test('a path of 107 bytes', () => {
    const path = join(folder, 'x'.repeat(106 - folder.length));
    closeDescriptor(listenUnix(path));
    expect(statSync(path).isSocket()).toBe(true);
  });

  test('a path is text or bytes without NUL', () => {
    expect(caughtError(() => listenUnix('a\0'))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });
});

describe('the size of a window', () => {
  test('is what was set last', () => {
    const terminal = openSync('/dev/ptmx', 'r+');
    setWindowSize(terminal, { columns: 132, rows: 43 });
    expect(windowSize(terminal)).toEqual({ columns: 132, rows: 43 });
    setWindowSize(terminal, { columns: 65535, rows: 0 });
    expect(windowSize(terminal)).toEqual({ columns: 65535, rows: 0 });
    closeSync(terminal);
  });

  test('belongs to a terminal', () => {
    const file = openSync('/dev/null', 'r');
    expect(caughtError(() => windowSize(file))).toMatchObject({ code: 'ENOTTY', syscall: 'ioctl' });
    expect(caughtError(() => setWindowSize(file, { columns: 1, rows: 1 }))).toMatchObject({ code: 'ENOTTY' });
    closeSync(file);
  });

  test.each([
    ['columns', { columns: 65536, rows: 1 }],
    ['rows', { columns: 1, rows: -1 }],
    ['rows', { columns: 1, rows: 1.5 }],
  ])('%s that cannot be', (argument, size) => {
    expect(caughtError(() => setWindowSize(0, size))).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      details: { argument },
    });
  });
});
