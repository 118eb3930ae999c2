import { expect, test } from '@jest/globals';

import { formatRecord } from '../../src/log/format-record.js';
import { readRecord } from '../../src/log/read-record.js';

const record = {
  time: new Date(Date.UTC(2026, 0, 31, 12)),
  level: 'error',
  msg: 'no "volume"\\ = here',
  pod: 'web-0',
  code: 'ERR_X',
  durationMs: 1.5,
} as const;
const read = { ...record, time: '2026-01-31T12:00:00.000Z' };
const [json, text] = [formatRecord(record, 'json').trimEnd(), formatRecord(record, 'text').trimEnd()];

test.each([
  ['as JSON', json],
  ['as text', text],
  ['behind half a record, as JSON', `${json.slice(0, 40)}${json}`],
  ['behind half a record, as text', `${text.slice(0, 40)}${text}`],
  ['behind what somebody else wrote', `oops ${json}`],
])('a record %s', (_form, line) => {
  expect(readRecord(line)).toEqual({ ...read, msg: 'no "volume"\\\\ = here'.replace('\\\\', '\\') });
});

test.each([
  '',
  'a line of somebody else',
  '{"time":"2026-01-31T12:00:00.000Z"',
  '{"time":"yesterday","level":"info","msg":"m"}',
  '{"time":"2026-01-31T12:00:00.000Z","level":"fatal","msg":"m"}',
  '{"time":"2026-01-31T12:00:00.000Z","level":"info"}',
  'null',
  '[]',
  'time=2026-01-31T12:00:00.000Z level=info msg="torn',
])('no record: %j', (line) => {
  expect(readRecord(line)).toBeUndefined();
});
