import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { LOG_LEVELS, type LogLevel } from '../../src/log/format-record.js';
import { isLogged, type LogSettings, writeLog } from '../../src/log/wrapper-log.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();

const folder = temporaryFolder();

function settingsFor(file: string, more: Partial<LogSettings> = {}): LogSettings {
  return { file, level: 'info', format: 'json', maxSize: 0, keep: 3, ...more };
}

test.each(LOG_LEVELS.flatMap((set) => LOG_LEVELS.map((level): [LogLevel, LogLevel] => [set, level])))(
  'set to %s, %s is logged where it is at least as important',
  (set, level) => {
    expect(isLogged({ level: set }, level)).toBe(LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(set));
  },
);

test('one record is one line of JSON in a file of mode 0600', () => {
  const file = join(folder, 'wrapper.log');
  const settings = settingsFor(file);
  writeLog(system, settings, 'info', 'passed through', { id: 'c1', verb: 'create', decision: 'pass' });
  writeLog(system, settings, 'error', 'a\nb', { code: 'ERR_VOLUME_NOT_FOUND' });
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
    { time: expect.any(String), level: 'error', msg: 'a\\u000ab', code: 'ERR_VOLUME_NOT_FOUND' },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a record below the level touches no file', () => {
  const file = join(folder, 'untouched.log');
  writeLog(system, settingsFor(file), 'debug', 'm', {});
  expect(existsSync(file)).toBe(false);
});

test('a log that cannot be written is no error', () => {
  expect(() => writeLog(system, settingsFor(join(folder, 'no/such/folder')), 'error', 'm', {})).not.toThrow();
});

test('the text form is logfmt', () => {
  const file = join(folder, 'text.log');
  writeLog(system, settingsFor(file, { format: 'text' }), 'info', 'passed through', { id: 'c1' });
  expect(readFileSync(file, 'utf8')).toMatch(/^time=\S+ level=info msg="passed through" id=c1\n$/);
});
