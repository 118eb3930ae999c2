import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { appendToRuntimeLog } from '../src/runtime-log.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
const refusal = { code: 'ERR_VOLUME_NOT_FOUND', message: 'no volume "x" is mounted', hint: 'mount it' };
const LINE = 'no volume "x" is mounted [ERR_VOLUME_NOT_FOUND]: mount it';

describe('the record', () => {
  test('is appended as JSON where JSON was asked for', () => {
    const path = join(folder, 'log.json');
    writeFileSync(path, '{"level":"info","msg":"before","time":"2026-01-01T00:00:00Z"}\n');
    appendToRuntimeLog({ log: Buffer.from(path), logFormat: 'json' }, refusal);
    const [, last] = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(last)).toEqual({ time: expect.any(String), level: 'error', msg: LINE });
  });

  test.each([
    ['text was asked for', { logFormat: 'text' }],
    ['no format was', {}],
  ] as const)('is text where %s', (_name, format) => {
    const path = join(folder, `log-${Object.keys(format).length}.txt`);
    appendToRuntimeLog({ log: Buffer.from(path), ...format }, refusal);
    expect(readFileSync(path, 'utf8')).toMatch(/^time=\S+ level=error msg=".*\[ERR_VOLUME_NOT_FOUND\].*"\n$/);
  });

  test('that cannot be written is no error', () => {
    const log = Buffer.from(join(folder, 'missing/log'));
    expect(() => appendToRuntimeLog({ log, logFormat: 'json' }, refusal)).not.toThrow();
  });
});
