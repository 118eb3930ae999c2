import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { LOG_LEVELS, type LogLevel } from '../src/format-record.js';
import { DEFAULT_LOG_FILE, isLogged, logSettings, writeLog } from '../src/wrapper-log.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();

describe('settings from the environment', () => {
  test.each([
    ['nothing set', {}, { file: DEFAULT_LOG_FILE, level: 'info' }],
    ['a file', { OCIWRAP_LOG_FILE: '/l' }, { file: '/l', level: 'info' }],
    [
      'an empty file name counts as unset',
      { OCIWRAP_LOG_FILE: '' },
      { file: DEFAULT_LOG_FILE, level: 'info' },
    ],
    ['a level', { OCIWRAP_LOG_LEVEL: 'debug' }, { file: DEFAULT_LOG_FILE, level: 'debug' }],
    [
      'an unknown level counts as info',
      { OCIWRAP_LOG_LEVEL: 'chatty' },
      { file: DEFAULT_LOG_FILE, level: 'info' },
    ],
  ])('%s', (_name, env, expected) => {
    expect(logSettings(env)).toEqual(expected);
  });
});

test.each(LOG_LEVELS.flatMap((set) => LOG_LEVELS.map((level): [LogLevel, LogLevel] => [set, level])))(
  'set to %s, %s is logged where it is at least as important',
  (set, level) => {
    expect(isLogged({ file: '', level: set }, level)).toBe(
      LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(set),
    );
  },
);

test('one record is one line of JSON in a file of mode 0600', () => {
  const file = join(folder, 'wrapper.log');
  const settings = { file, level: 'info' } as const;
  writeLog(settings, 'info', 'passed through', { id: 'c1', verb: 'create', decision: 'pass' });
  writeLog(settings, 'error', 'a\nb', { code: 'ERR_VOLUME_NOT_FOUND' });
  const records = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records).toEqual([
    {
      time: expect.any(String),
      level: 'info',
      msg: 'passed through',
      id: 'c1',
      verb: 'create',
      decision: 'pass',
    },
    { time: expect.any(String), level: 'error', msg: 'a\nb', code: 'ERR_VOLUME_NOT_FOUND' },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a record below the level touches no file', () => {
  const file = join(folder, 'untouched.log');
  writeLog({ file, level: 'info' }, 'debug', 'm', {});
  expect(existsSync(file)).toBe(false);
});

test('a log that cannot be written is no error', () => {
  expect(() =>
    writeLog({ file: join(folder, 'no/such/folder'), level: 'debug' }, 'error', 'm', {}),
  ).not.toThrow();
});
