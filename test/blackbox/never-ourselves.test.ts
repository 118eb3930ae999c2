import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { describeWith, wrapper } from './programs.js';
import { recorderAt } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const quiet = { OCIWRAP_LOG_FILE: '/dev/null' };

describeWith(['busybox'], 'never ourselves', () => {
  const script = (folder: string, body: string) => {
    const path = join(folder, 'runc');
    writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return path;
  };

  test('ourselves on PATH, as a symlink and as a copy, are skipped and the search goes on', () => {
    const [link, copy, real] = ['link', 'copy', 'real'].map(scratchFolder) as [string, string, string];
    symlinkSync(wrapper, join(link, 'runc'));
    copyFileSync(wrapper, join(copy, 'runc'));
    const runtime = recorderAt(join(real, 'runc'));
    const ended = runProgram(wrapper, ['state', 'x'], { env: { ...quiet, PATH: `${link}:${copy}:${real}` } });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(runtime.calls()).toMatchObject([{ argv: ['runc', 'state', 'x'] }]);
    expect(runtime.calls()[0].env).toContain('OCIWRAP_DEPTH=1');
  });

  const explicit: readonly { title: string; make: (folder: string) => string; code: string }[] = [
    { title: 'by its own path', make: () => wrapper, code: 'ERR_RUNTIME_IS_SELF' },
    {
      title: 'by a symlink',
      make: (folder) => {
        symlinkSync(wrapper, join(folder, 'runc'));
        return join(folder, 'runc');
      },
      code: 'ERR_RUNTIME_IS_SELF',
    },
    {
      title: 'by a copy',
      make: (folder) => {
        copyFileSync(wrapper, join(folder, 'runc'));
        return join(folder, 'runc');
      },
      code: 'ERR_RUNTIME_IS_SELF',
    },
    {
      title: 'through a script that execs',
      make: (folder) => script(folder, `exec '${wrapper}' "$@"`),
      code: 'ERR_RUNTIME_LOOP',
    },
    {
      title: 'through a script that forks',
      make: (folder) => script(folder, `'${wrapper}' "$@"`),
      code: 'ERR_RUNTIME_LOOP',
    },
  ];
  test.each(explicit)('named $title: refused with $code, not started for ever', ({ make, code }) => {
    const runtime = make(scratchFolder('self'));
    const { status, stderr } = runProgram(wrapper, ['state', 'x'], {
      env: { ...quiet, SGS_RUNC_PATH: runtime },
    });
    expect(status).toBe(1);
    expect(stderr).toContain(`[${code}]`);
  });

  test('a runtime that is named but not there is an error that names it, not a search for another', () => {
    const missing = join(scratchFolder('missing'), 'runc');
    const { status, stderr } = runProgram(wrapper, ['state', 'x'], {
      env: { ...quiet, SGS_RUNC_PATH: missing },
    });
    expect(status).toBe(1);
    expect(stderr).toContain(missing);
  });
});
