import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { nodeHost } from '../../src/library/node-host.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const host = nodeHost();
const at = (name: string) => join(folder, name);

writeFileSync(at('file'), 'content');
chmodSync(at('file'), 0o640);
mkdirSync(at('directory'));
symlinkSync('file', at('symlink'));
symlinkSync('loop', at('loop'));
execFileSync('mkfifo', [at('fifo')]);

describe('lstat', () => {
  test.each([
    ['file', 'file'],
    ['directory', 'directory'],
    ['symlink', 'symlink'],
    ['fifo', 'fifo'],
  ])('%s is a %s', (name, type) => {
    const { dev, ino } = statSync(folder, { bigint: true });
    const { mode, uid, gid } = lstatSync(at(name));
    const access = { mode: mode & 0o7777, uid, gid, ...(type === 'file' ? { size: 7 } : {}) };
    const target = type === 'symlink' ? { target: 'file' } : {};
    expect(host.lstat(at(name))).toEqual({ dev, ino: expect.any(BigInt), type, ...access, ...target });
    expect(host.lstat(at(name))?.ino).not.toBe(ino);
  });

  test('a device has its numbers, and nothing else has any', () => {
    expect(host.lstat('/dev/null')).toMatchObject({
      type: 'device',
      device: { kind: 'character', major: 1, minor: 3 },
    });
    expect(host.lstat('/dev')).not.toHaveProperty('device');
  });
});

describe('what is not there is undefined, and nothing else is', () => {
  test.each(['lstat', 'stat', 'realpath', 'readFile'] as const)('%s', (look) => {
    expect(host[look](at('missing'))).toBeUndefined();
    expect(host[look](at('file/below'))).toBeUndefined();
    expect(() => host[look](at('loop/below'))).toThrow(expect.objectContaining({ code: 'ELOOP' }));
  });
});

describe('readDirectory', () => {
  test('names what is in a folder', () => {
    const names = [...(host.readDirectory(folder) ?? [])].sort();
    expect(names).toEqual(['directory', 'fifo', 'file', 'loop', 'symlink']);
  });
  test('is undefined for what is not there, and throws for what is no folder', () => {
    expect(host.readDirectory(at('missing'))).toBeUndefined();
    expect(() => host.readDirectory(at('file'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });
});

test('stat follows symlinks', () => {
  const { dev, ino, uid } = statSync(at('file'), { bigint: true });
  expect(host.stat(at('symlink'))).toEqual({
    dev,
    ino,
    isFile: true,
    isDirectory: false,
    executable: false,
    uid: Number(uid),
    mode: 0o640,
  });
});

test('realpath, readFile and head', () => {
  expect(host.realpath(at('symlink'))).toBe(at('file'));
  expect(Buffer.from(host.readFile(at('symlink')) ?? []).toString()).toBe('content');
  expect(Buffer.from(host.head(at('file'), 4)).toString()).toBe('cont');
  expect(host.head(at('file'), 100)).toHaveLength(7);
  expect(() => host.head(at('missing'), 1)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test('head of a FIFO does not block', () => {
  expect(host.head(at('fifo'), 10)).toEqual(new Uint8Array()); // nobody writes to it
});

test('the mount table of this process', () => {
  expect(host.mountInfo().map(({ mountPoint }) => mountPoint)).toContain('/');
});
