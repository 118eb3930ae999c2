import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { describeWith, wrapper } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

describeWith(['busybox'], 'the log', () => {
  const create = (log: string, env: Record<string, string> = {}) =>
    runProgram(wrapper, ['create', '-b', bundleOf(specOf('')), 'logged'], {
      env: { SGS_RUNC_PATH: recorderIn(scratchFolder('runc')).path, OCIWRAP_LOG_FILE: log, ...env },
    });

  const unusable: readonly { title: string; make: (folder: string) => string }[] = [
    { title: 'a folder', make: (folder) => folder },
    { title: 'in a folder that is not there', make: (folder) => join(folder, 'nowhere/log') },
    { title: '/dev/full', make: () => '/dev/full' },
    {
      title: 'a symlink',
      make: (folder) => {
        symlinkSync(join(folder, 'target'), join(folder, 'log'));
        return join(folder, 'log');
      },
    },
    {
      title: 'a FIFO that nobody reads',
      make: (folder) => {
        runProgram('mkfifo', [join(folder, 'log')]);
        return join(folder, 'log');
      },
    },
  ];
  test.each(unusable)('that is $title stops no container and says nothing', ({ make }) => {
    expect(create(make(scratchFolder('log')))).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
  });

  test('is created 0600, holds one line for each call that changed something, and debug lines only when asked for', () => {
    const log = join(scratchFolder('log'), 'log');
    const lines = () => readFileSync(log, 'utf8').trim().split('\n');
    create(log);
    expect(existsSync(log)).toBe(false);
    create(log, { OCIWRAP_LOG_LEVEL: 'debug' });
    expect(lines()).toHaveLength(1);
    expect(runProgram('stat', ['-c', '%a', log]).stdout).toBe('600\n');
    const env = { SGS_RUNC_PATH: recorderIn(scratchFolder('runc')).path, OCIWRAP_LOG_FILE: log };
    runProgram(wrapper, ['exec', 'logged', 'sh', '-c', 'secret'], { env });
    expect(lines()).toHaveLength(1);
    runProgram(wrapper, ['exec', 'logged', 'sh', '-c', 'secret'], {
      env: { ...env, OCIWRAP_LOG_LEVEL: 'debug' },
    });
    expect(lines()).toHaveLength(2);
    expect(lines()[1]).not.toContain('secret');
  });
});
