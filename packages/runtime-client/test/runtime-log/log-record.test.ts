import { expect, test } from '@jest/globals';

import { lastError, parseRuntimeLog } from '../../src/runtime-log/log-record.js';

test('the last error of a log counts, whatever stands around it', () => {
  const log =
    'text\n{"level":"error","msg":"first"}\n{"msg":"last","level":"error"}\n{"level":"info","msg":"x"}\n{"lev';
  expect(parseRuntimeLog(log).map(({ level }) => level)).toEqual(['text', 'error', 'error', 'info', 'text']);
  expect(lastError(parseRuntimeLog(log))?.message).toBe('last');
  expect(lastError(parseRuntimeLog('text\n'))).toBeUndefined();
});

// crun 1.28 of Debian sid, with `--log-format=json`.
const OVER_LINES =
  '{\n  "msg": "container `c1` already exists",\n  "level": "error",\n  "time": "2026-11-30T07:01:19Z"\n}';
const READ = { level: 'error', message: 'container `c1` already exists' };
const text = (message: string) => ({ level: 'text', message });

test.each<[string, string, readonly object[]]>([
  ['one', `${OVER_LINES}\n`, [READ]],
  ['two', `${OVER_LINES}\n${OVER_LINES}\n`, [READ, READ]],
  [
    'between lines',
    `text\n${OVER_LINES}\n{"level":"info","msg":"x"}\n`,
    [text('text'), READ, { level: 'info', message: 'x' }],
  ],
  [
    'a first one whose runtime was killed',
    `{\n  "msg": "a\n${OVER_LINES}\n`,
    [text('{'), text('  "msg": "a'), READ],
  ],
  ['a last one', `${OVER_LINES}\n{\n  "msg": "a",`, [READ, text('{'), text('  "msg": "a",')]],
  ['without a level', '{\n"msg": "a"\n}\n', [text('{'), text('"msg": "a"'), text('}')]],
])('a record over several lines: %s', (_, log, records) => {
  expect(parseRuntimeLog(log)).toEqual(records);
});

test('a record has an end: of what is longer each line stands alone', () => {
  const lines = Array.from({ length: 30 }, () => '');
  const filled = (count: number) =>
    `{\n"level":"error",\n${lines
      .slice(0, count)
      .map(() => '"a":1,\n')
      .join('')}"msg":"a"\n}`;
  expect(parseRuntimeLog(filled(16))).toEqual([{ level: 'error', message: 'a' }]);
  expect(parseRuntimeLog(filled(17))).toHaveLength(21);
});
