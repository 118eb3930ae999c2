import { chmodSync, copyFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, packaged, wrapper } from './programs.js';
import { recorderAt, recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const quiet = { OCIWRAP_LOG_FILE: '/dev/null' };

describeWith(['busybox'], 'installed in place of another runtime', () => {
  test('as the symlink nvidia-container-runtime beside a .real it rewrites, and calls the .real', () => {
    const bin = scratchFolder('bin');
    chmodSync(bin, 0o755);
    symlinkSync(wrapper, join(bin, 'nvidia-container-runtime'));
    const real = recorderAt(join(bin, 'nvidia-container-runtime.real'), 3);
    const volume = kubeletVolume();
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));

    const ended = runProgram(join(bin, 'nvidia-container-runtime'), ['create', '--bundle', bundle, 'gpu'], {
      env: quiet,
    });

    expect(ended).toEqual({ status: 3, signal: null, stdout: '', stderr: '' });
    expect(real.calls()).toMatchObject([
      { argv: ['nvidia-container-runtime.real', 'create', '--bundle', bundle, 'gpu'] },
    ]);
    expect(JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))).toMatchObject({
      root: { path: volume.path },
    });
  });

  test('found on PATH by its name, it calls the .real in that folder too', () => {
    const bin = scratchFolder('bin');
    chmodSync(bin, 0o755);
    symlinkSync(wrapper, join(bin, 'nvidia-container-runtime'));
    const real = recorderAt(join(bin, 'nvidia-container-runtime.real'));
    const ended = runProgram('/bin/sh', ['-c', 'nvidia-container-runtime state x'], {
      env: { ...quiet, PATH: `${bin}:/usr/bin:/bin` },
    });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(real.calls()).toHaveLength(1);
  });

  test('a .real in a folder that others can write to is not believed', () => {
    const bin = scratchFolder('bin');
    chmodSync(bin, 0o777);
    symlinkSync(wrapper, join(bin, 'nvidia-container-runtime'));
    const planted = recorderAt(join(bin, 'nvidia-container-runtime.real'));
    const other = recorderIn(scratchFolder('runc'));
    const path = scratchFolder('path');
    symlinkSync(other.path, join(path, 'runc'));
    runProgram(join(bin, 'nvidia-container-runtime'), ['state', 'x'], { env: { ...quiet, PATH: path } });
    expect(planted.calls()).toEqual([]);
  });

  test('the folder can be moved: nothing in it knows where it was made', () => {
    const place = join(scratchFolder('moved'), 'a folder with spaces');
    cpSync(packaged, place, { recursive: true });
    const runtime = recorderIn(scratchFolder('runc'));
    const ended = runProgram(
      join(place, 'bin/oci-runtime-wrapper'),
      ['create', '-b', bundleOf(specOf('')), 'x'],
      {
        env: { ...quiet, SGS_RUNC_PATH: runtime.path },
      },
    );
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(runtime.calls()).toHaveLength(1);
  });

  test('with no environment at all it finds runc where distributions put it', () => {
    const ended = runProgram('/usr/bin/env', ['-i', wrapper, '--version']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toContain('runc version');
  });
});

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

  test('is created 0600, holds one line a call, and debug lines only when asked for', () => {
    const log = join(scratchFolder('log'), 'log');
    create(log);
    create(log);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(2);
    expect(runProgram('stat', ['-c', '%a', log]).stdout).toBe('600\n');
    const env = { SGS_RUNC_PATH: recorderIn(scratchFolder('runc')).path, OCIWRAP_LOG_FILE: log };
    runProgram(wrapper, ['exec', 'logged', 'sh', '-c', 'secret'], { env });
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(2);
    runProgram(wrapper, ['exec', 'logged', 'sh', '-c', 'secret'], {
      env: { ...env, OCIWRAP_LOG_LEVEL: 'debug' },
    });
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).not.toContain('secret');
  });
});
