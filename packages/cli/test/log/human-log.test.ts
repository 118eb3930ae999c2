import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { humanLog } from '../../src/log/human-log.js';
import { winstonLog } from '../../src/log/winston-log.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();

describe.each([[humanLog], [winstonLog]])('%p', (make) => {
  function logTo(name: string, level: 'info' | 'debug', verbose: boolean) {
    const file = join(folder, `${make.name}-${name}`);
    const stderr: string[] = [];
    const log = make(nodeSystem(), {
      verbose,
      wrapperLog: { file, level, format: 'json', maxSize: 0, keep: 3 },
      writeToStderr: (line) => stderr.push(line),
    });
    return { file, stderr, log };
  }

  test("a record stands in the wrapper's log, in the wrapper's form, when the call returns", () => {
    const { file, stderr, log } = logTo('quiet.log', 'info', false);
    log('info', 'config.json rewritten', { bundle: '/run/b', decision: 'rewrite', volume: 'pvc-1' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'info',
      msg: 'config.json rewritten',
      bundle: '/run/b',
      decision: 'rewrite',
      volume: 'pvc-1',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stderr).toEqual([]);
  });

  test('verbose: the same record as text on stderr, whatever the level of the file', () => {
    const { file, stderr, log } = logTo('verbose.log', 'info', true);
    log('debug', 'looked at', { bundle: '/run/b' });
    expect(stderr).toEqual([
      expect.stringMatching(/^time=\S+ level=debug msg="looked at" bundle=\/run\/b\n$/),
    ]);
    expect(existsSync(file)).toBe(false);
  });

  test('a record that cannot be written is said to be none, each by itself', () => {
    const { file, log } = logTo('none/lost.log', 'info', false);
    expect(log('info', 'lost', {})).toMatchObject({ code: 'ENOENT' });
    expect(log('debug', 'not wanted', {})).toBeUndefined();
    mkdirSync(dirname(file));
    expect(log('info', 'kept', {})).toBeUndefined();
  });

  test('every line is there at once, in order', () => {
    const { stderr, file, log } = logTo('many.log', 'debug', true);
    const expected = Array.from({ length: 500 }, (_, index) => `m${index}`);
    for (const msg of expected) {
      log('info', msg, {});
    }
    expect(stderr).toHaveLength(500);
    const written = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(written).toEqual(expected);
  });
});
