import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { rotateLog } from '../../src/log/rotate-log.js';
import { writeLog } from '../../src/log/wrapper-log.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();

const folder = temporaryFolder();
let count = 0;

function logOf(text: string): string {
  count += 1;
  const dir = join(folder, String(count));
  mkdirSync(dir);
  const file = join(dir, 'log');
  writeFileSync(file, text);
  return file;
}

const filesBeside = (file: string) => readdirSync(join(file, '..')).sort();

test.each([
  ['smaller', 'abc', 4, ['log']],
  ['as large as the limit', 'abcd', 4, ['log']],
  ['larger', 'abcde', 4, ['log.1']],
])('a log that is %s', (_title, text, limit, expected) => {
  const file = logOf(text);
  expect(rotateLog(system, file, limit)).toBeUndefined();
  expect(filesBeside(file)).toEqual(expected);
});

test('the one before is replaced', () => {
  const file = logOf('new and long');
  writeFileSync(`${file}.1`, 'old');
  rotateLog(system, file, 4);
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('new and long');
});

test('a log that is not there, and one that is no regular file, are left alone', () => {
  const file = logOf('long enough');
  symlinkSync(file, `${file}-link`);
  expect(rotateLog(system, `${file}-link`, 4)).toBeUndefined();
  expect(rotateLog(system, join(folder, 'none'), 4)).toBeUndefined();
  expect(rotateLog(system, '/dev/full', 0)).toBeUndefined();
  expect(filesBeside(file)).toEqual(['log', 'log-link']);
});

test('while another call rotates, the log is written as it is', () => {
  const file = logOf('long enough');
  mkdirSync(`${file}.rotating`);
  expect(rotateLog(system, file, 4)).toMatchObject({ code: 'EEXIST' });
  expect(filesBeside(file)).toEqual(['log', 'log.rotating']);
});

test('the lock of a call that was killed is taken away', () => {
  const file = logOf('long enough');
  mkdirSync(`${file}.rotating`);
  utimesSync(`${file}.rotating`, 1, 1);
  expect(rotateLog(system, file, 4)).toBeUndefined();
  expect(filesBeside(file)).toEqual(['log.1']);
});

test('a record is written to a new file, created 0600, when the old one is too large', () => {
  const file = logOf('x'.repeat(100));
  writeLog(system, { file, level: 'info', format: 'json', maxSize: 99 }, 'info', 'fresh', {});
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('x'.repeat(100));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ msg: 'fresh' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('without a limit nothing is rotated', () => {
  const file = logOf('x'.repeat(100));
  writeLog(system, { file, level: 'info', format: 'json', maxSize: 0 }, 'info', 'more', {});
  expect(existsSync(`${file}.1`)).toBe(false);
});
