import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { appendToLog } from '../../src/log/wrapper-log.js';
import { nodeSystem } from '../../src/system/node-system.js';
import type { System } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();

const folder = temporaryFolder();
let count = 0;

/** A log in a folder of its own, and old ones beside it: the first is the log, the next `log.1`. */
function logOf(...texts: readonly string[]): string {
  count += 1;
  const dir = join(folder, String(count));
  mkdirSync(dir);
  const file = join(dir, 'log');
  texts.forEach((text, age) => {
    if (text !== '') writeFileSync(age === 0 ? file : `${file}.${age}`, text);
  });
  return file;
}

/** The files beside a log, with what is in them. */
const filesAt = (file: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(file, '..'))
      .sort()
      .map((name) => [name, readFileSync(join(file, '..', name), 'utf8')]),
  );

const append = (file: string, line: string, { maxSize = 4, keep = 3, on = system } = {}) =>
  appendToLog(on, { file, maxSize, keep }, line);

test.each([
  ['smaller', 'abc', { log: 'abc+' }],
  ['as large as the limit', 'abcd', { log: 'abcd+' }],
  ['larger', 'abcde', { log: '+', 'log.1': 'abcde' }],
  ['not there', '', { log: '+' }],
])('a log that is %s', (_title, text, expected) => {
  const file = logOf(text);
  expect(append(file, '+')).toBeUndefined();
  expect(filesAt(file)).toEqual(expected);
});

test.each([
  ['none', ['large'], { log: '+', 'log.1': 'large' }],
  ['one', ['large', 'one'], { log: '+', 'log.1': 'large', 'log.2': 'one' }],
  [
    'all that are kept: the oldest goes',
    ['large', 'one', 'two', 'three'],
    { log: '+', 'log.1': 'large', 'log.2': 'one', 'log.3': 'two' },
  ],
  [
    'a gap: it is filled, and none goes',
    ['large', 'one', '', 'three'],
    { log: '+', 'log.1': 'large', 'log.2': 'one', 'log.3': 'three' },
  ],
  [
    'the first one missing',
    ['large', '', 'two', 'three'],
    { log: '+', 'log.1': 'large', 'log.2': 'two', 'log.3': 'three' },
  ],
])('old ones: %s', (_title, texts, expected) => {
  const file = logOf(...texts);
  expect(append(file, '+')).toBeUndefined();
  expect(filesAt(file)).toEqual(expected);
});

test('the new file is 0600, whatever the old one was', () => {
  const file = logOf('large');
  append(file, '+');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('without a limit nothing is rotated', () => {
  const file = logOf('x'.repeat(100));
  expect(append(file, '+', { maxSize: 0 })).toBeUndefined();
  expect(existsSync(`${file}.1`)).toBe(false);
});

test('a symlink is neither written nor renamed, and /dev/null takes everything', () => {
  const file = logOf('large enough');
  symlinkSync(file, `${file}-link`);
  expect(append(`${file}-link`, '+')).toMatchObject({ code: 'ELOOP' });
  expect(filesAt(file)).toEqual({ log: 'large enough', 'log-link': 'large enough' });
  expect(append('/dev/null', '+', { maxSize: 1 })).toBeUndefined();
  expect(append('/dev/full', '+', { maxSize: 1 })).toMatchObject({ message: 'not a regular file' });
});

test('a log that cannot be rotated is written all the same, and that is told', () => {
  const file = logOf('large');
  mkdirSync(`${file}.1`);
  writeFileSync(join(`${file}.1`, 'x'), '');
  expect(append(file, '+', { keep: 1 })).toMatchObject({ name: 'SystemError' });
  expect(readFileSync(file, 'utf8')).toBe('large+');
});

test('while another call rotates, the record goes to the file as it is', () => {
  const file = logOf('large');
  const busy: System = { ...system, tryLock: () => false };
  expect(append(file, '+', { on: busy })).toBeUndefined();
  expect(filesAt(file)).toEqual({ log: 'large+' });
});

test('a log that another call has rotated before the lock was taken is not renamed again', () => {
  const file = logOf('large');
  const late: System = {
    ...system,
    tryLock: (fd) => {
      if (!existsSync(`${file}.1`)) {
        renameSync(file, `${file}.1`);
        writeFileSync(file, 'new');
      }
      return system.tryLock(fd);
    },
  };
  expect(append(file, '+', { on: late })).toBeUndefined();
  expect(filesAt(file)).toEqual({ log: 'new+', 'log.1': 'large' });
});

test('a record that was written to a file that is gone is written once more', () => {
  const file = logOf('abc');
  let isGone = false;
  const racing: System = {
    ...system,
    write: (fd, bytes) => {
      if (!isGone) rmSync(file);
      isGone = true;
      return system.write(fd, bytes);
    },
  };
  expect(append(file, '+', { on: racing })).toBeUndefined();
  expect(filesAt(file)).toEqual({ log: '+' });
});

test('half a line, where the disk is full, is a failure', () => {
  const file = logOf('');
  const full: System = { ...system, write: (fd, bytes) => system.write(fd, bytes.subarray(0, 1)) };
  expect(append(file, 'line', { on: full })).toMatchObject({ code: 'ENOSPC' });
});

/** The end of a process: what it has open is closed, and nothing else happens. */
class Killed extends Error {}

/** A machine on which the process is killed as it makes its n-th system call. */
function killedAt(nth: number): System {
  let calls = 0;
  return new Proxy(system, {
    get: (target, name) => {
      const call = Reflect.get(target, name);
      if (typeof call !== 'function' || name === 'close') return call;
      return (...args: readonly unknown[]) => {
        calls += 1;
        if (calls >= nth) throw new Killed();
        return Reflect.apply(call, target, args);
      };
    },
  });
}

test('killed at each system call of a rotation: no record of before is lost, none is there twice, and the next call goes on', () => {
  const before = ['long enough\n', 'one\n', 'two\n'];
  let nth = 1;
  for (; ; nth += 1) {
    const file = logOf(...before);
    const failure = append(file, 'killed\n', { maxSize: 8, on: killedAt(nth) });
    expect(append(file, 'next\n', { maxSize: 8 })).toBeUndefined();
    const lines = Object.values(filesAt(file)).join('').split('\n').sort().slice(1);
    const mine = lines.filter((line) => line === 'killed');
    expect(lines.filter((line) => line !== 'killed')).toEqual(['long enough', 'next', 'one', 'two']);
    expect(mine.length).toBeLessThanOrEqual(1);
    if (!(failure instanceof Killed)) break;
  }
  // open, fstat, flock, fstat, lstat of the log and of the old ones, renames, and the writing.
  expect(nth).toBeGreaterThan(12);
});
