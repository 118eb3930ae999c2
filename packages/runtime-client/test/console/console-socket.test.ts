import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { buildAddon, buildSendDescriptors } from '../../../exec-native/test/native-build.js';
import { openDescriptors } from '../../../exec-native/test/open-descriptors.js';
import { ConsoleSocket } from '../../src/console/console-socket.js';
import { temporaryFolder } from '../temporary-folder.js';

const parent = temporaryFolder();
let sendDescriptors: string;
beforeAll(() => {
  buildAddon();
  sendDescriptors = buildSendDescriptors();
}, 60_000);

let before: readonly string[];
beforeEach(() => {
  before = openDescriptors();
});
afterEach(() => {
  expect(openDescriptors()).toEqual(before);
  expect(readdirSync(parent).filter((name) => name.startsWith('oci-console-'))).toEqual([]);
});

/** What another process sends: a text, with descriptors of these files. */
async function send(socket: ConsoleSocket, text: string, ...files: readonly string[]): Promise<void> {
  const sender = spawn(sendDescriptors, [socket.path, text, ...files], { stdio: 'ignore' });
  expect(await once(sender, 'exit')).toEqual([0, null]);
}

describe('a console socket', () => {
  test('lies in a folder for its user alone, which close removes', () => {
    const socket = ConsoleSocket.listen({ parent });
    expect(statSync(socket.path).isSocket()).toBe(true);
    expect(statSync(dirname(socket.path)).mode & 0o777).toBe(0o700);
    expect(dirname(dirname(socket.path))).toBe(parent);
    socket.close();
    socket[Symbol.dispose]();
    expect(existsSync(dirname(socket.path))).toBe(false);
  });

  test('hands out a terminal, which outlives it', async () => {
    const socket = ConsoleSocket.listen({ parent });
    const [terminal] = await Promise.all([socket.terminal(), send(socket, '/dev/ptmx', '/dev/ptmx')]);
    socket.close();
    terminal.resize({ columns: 80, rows: 24 });
    terminal.close();
    terminal[Symbol.dispose]();
    terminal.resize({ columns: 1, rows: 1 }); // nothing happens
    await new Promise((done) => terminal.output.once('close', done));
  });

  test('hands out each of several to one who waits', async () => {
    const socket = ConsoleSocket.listen({ parent });
    const waits = [socket.terminal(), socket.terminal()];
    await Promise.all([send(socket, 'one', '/dev/ptmx'), send(socket, 'two', '/dev/ptmx')]);
    for (const terminal of await Promise.all(waits)) terminal.close();
    socket.close();
  });

  test.each([
    ['no terminal', ['/dev/null'], 'ENOTTY'],
    ['nothing', [], 'EBADMSG'],
    ['several files', ['/dev/ptmx', '/dev/ptmx'], 'EBADMSG'],
  ])('that gets %s', async (_name, files, code) => {
    const socket = ConsoleSocket.listen({ parent });
    const wait = expect(socket.terminal()).rejects.toMatchObject({ code: 'ERR_CONSOLE', cause: { code } });
    await Promise.all([wait, send(socket, 'text', ...files)]);
    socket.close();
  });

  test('is waited for until its signal, or close', async () => {
    const socket = ConsoleSocket.listen({ parent });
    const stop = new AbortController();
    const stopped = expect(socket.terminal({ signal: stop.signal })).rejects.toBe('enough');
    const closed = expect(socket.terminal()).rejects.toMatchObject({ code: 'ERR_CONSOLE' });
    stop.abort('enough');
    await stopped;
    socket.close();
    await closed;
    await expect(socket.terminal()).rejects.toMatchObject({ code: 'ERR_CONSOLE' });
    await expect(socket.terminal({ signal: stop.signal })).rejects.toBe('enough');
  });

  test.each([
    ['is not there', () => join(parent, 'missing'), 'ENOENT'],
    ['has a path that is too long', () => folderOfLength(100), 'ENAMETOOLONG'],
  ])('in a folder that %s', (_name, folder, code) => {
    expect(() => ConsoleSocket.listen({ parent: folder() })).toThrow(
      expect.objectContaining({ code: 'ERR_CONSOLE', cause: expect.objectContaining({ code }) }),
    );
  });
});

function folderOfLength(length: number): string {
  const folder = join(parent, 'x'.repeat(length - parent.length));
  mkdirSync(folder);
  return folder;
}
