import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { appendLine } from '../../src/log/append-line.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();

const folder = temporaryFolder();
const asLog = { mode: 0o600, followSymlink: false } as const;

test('creates the file with the mode asked for, and appends', () => {
  const path = join(folder, 'new.log');
  expect(appendLine(system, path, 'one\n', asLog)).toBeUndefined();
  expect(appendLine(system, Buffer.from(path), 'two\n', asLog)).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a path that is not UTF-8 is used byte for byte', () => {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]);
  expect(appendLine(system, path, 'x\n', asLog)).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('x\n');
});

describe('a symlink', () => {
  const target = join(folder, 'target');
  const link = join(folder, 'link');
  writeFileSync(target, 'old\n');
  symlinkSync(target, link);

  test('is not followed where others could have put it', () => {
    expect(appendLine(system, link, 'x\n', asLog)).toMatchObject({ code: 'ELOOP' });
    expect(readFileSync(target, 'utf8')).toBe('old\n');
  });

  test('is followed where the engine chose the path', () => {
    expect(appendLine(system, link, 'x\n', { mode: 0o644, followSymlink: true })).toBeUndefined();
    expect(readFileSync(target, 'utf8')).toBe('old\nx\n');
  });
});

describe('what is no regular file is reported and left alone', () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);

  test('a FIFO that nobody reads does not block', () => {
    expect(appendLine(system, fifo, 'x\n', asLog)).toMatchObject({ code: 'ENXIO' });
  });

  test('a FIFO with a reader is given nothing', () => {
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      expect(appendLine(system, fifo, 'x\n', asLog)).toBeDefined();
      expect(readFileSync(reader)).toHaveLength(0);
    } finally {
      closeSync(reader);
    }
  });

  test.each([
    ['a folder', folder],
    ['a path below a file', join(folder, 'file/log')],
    ['a folder that is not there', join(folder, 'missing/log')],
    ['an empty path', ''],
    ['a path with a NUL', 'a\0b'],
  ])('%s', (_name, path) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'file'), '');
    expect(appendLine(system, path, 'x\n', asLog)).toHaveProperty('message');
  });
});
