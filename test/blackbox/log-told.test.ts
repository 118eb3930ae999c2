import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { Spec } from '@opencontainers-ts/runtime-spec';
import { bundleOf, specOf, TRIGGER } from './bundle.js';
import { describeWith, recordingRuntime, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { toldMarks } from './told-faults.js';

const LOUD = { OCIWRAP_LOG_LEVEL: 'debug' };

describeWith(['busybox'], 'a log that cannot be written', () => {
  /** A node whose log is in a folder that is not there yet. */
  function node() {
    const folder = scratchFolder('node');
    const log = join(folder, 'logs/wrapper.log');
    const runtimeLog = join(folder, 'runtime.log');
    const call = (args: readonly string[], { format = 'json', env = {} } = {}) =>
      runProgram(wrapper, ['--log', runtimeLog, '--log-format', format, ...args], {
        env: { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: log, ...env },
      });
    const create = (changes: Partial<Spec> = {}, options = {}) =>
      call(['create', '-b', bundleOf(specOf('', changes)), 'c1'], options);
    const told = () => (existsSync(runtimeLog) ? readFileSync(runtimeLog, 'utf8').trimEnd().split('\n') : []);
    return { log, folder, call, create, told };
  }

  const quietly = { status: 0, signal: null, stdout: '', stderr: '' };

  test.each(['json', 'text'])('is told once, in the log of the runtime, as %s', (format) => {
    const { create, told, log } = node();
    for (let calls = 0; calls < 3; calls += 1) {
      expect(create({}, { format, env: LOUD })).toEqual(quietly);
    }
    expect(told()).toHaveLength(1);
    const [line = ''] = told();
    if (format === 'json') {
      expect(JSON.parse(line)).toEqual({
        time: expect.any(String),
        level: 'warning',
        msg: expect.any(String),
      });
    } else {
      expect(line).toMatch(/^time="?\S+"? level=warning msg="ociwrap cannot write its log/);
    }
    expect(line).toContain(log);
    expect(line).toContain('ENOENT');
    expect(toldMarks(log)).toHaveLength(1);
  });

  test('is told anew when it could be written in between', () => {
    const { create, told, folder, log } = node();
    create({}, { env: LOUD });
    runProgram('mkdir', [join(folder, 'logs')]);
    // The fast path writes the record; it is the engine that takes the mark away, where a call has something to say.
    create({ annotations: { [TRIGGER]: 'nowhere' } }, { env: LOUD });
    expect(readFileSync(log, 'utf8')).toContain('"decision":"refuse"');
    expect(toldMarks(log)).toEqual([]);
    rmSync(join(folder, 'logs'), { recursive: true });
    create({}, { env: LOUD });
    expect(told().filter((line) => line.includes('cannot write its log'))).toHaveLength(2);
  });

  test('is nothing to tell of a call that has nothing to say', () => {
    const { create, told, log } = node();
    expect(create()).toEqual(quietly);
    expect(told()).toEqual([]);
    expect(toldMarks(log)).toEqual([]);
  });

  test('leaves the reason of a refusal the last error in the log of the runtime', () => {
    const { create, told } = node();
    expect(create({ annotations: { [TRIGGER]: 'nowhere' } })).toMatchObject({ status: 1 });
    const levels = told().map((line) => JSON.parse(line).level);
    expect([...levels].sort()).toEqual(['error', 'warning']);
  });

  describe('a log that is too large', () => {
    test('is rotated by the engine, when the fast path has something to write', () => {
      const { create, log, folder } = node();
      runProgram('mkdir', [join(folder, 'logs')]);
      writeFileSync(log, '');
      runProgram('truncate', ['-s', String(10 * 1024 * 1024 + 1), log]);
      expect(create({}, { env: LOUD })).toEqual(quietly);
      expect(create({}, { env: LOUD })).toEqual(quietly);
      expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toHaveLength(2);
      expect(existsSync(`${log}.1`)).toBe(true);
    });
  });
});
