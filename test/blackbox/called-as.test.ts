import { chmodSync, cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, rootPathOf, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, onNode, packaged, wrapper } from './programs.js';
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
      root: { path: rootPathOf(volume) },
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

  test('a link of the name of the command is a runtime for an engine that was given it', () => {
    const bin = scratchFolder('bin');
    const link = join(bin, 'ociwrap');
    symlinkSync(wrapper, link);
    const runtime = recorderIn(scratchFolder('runc'));
    const volume = kubeletVolume();
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));
    const env = { ...quiet, SGS_RUNC_PATH: runtime.path };
    for (const args of [
      ['--root', '/run/x', 'create', '--bundle', bundle, 'x'],
      ['kill', 'x', '9'],
      ['features'],
    ]) {
      expect(runProgram(link, args, { env })).toMatchObject({ status: 0, stderr: '' });
    }
    expect(runtime.calls()).toHaveLength(3);
    expect(JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).root.path).toBe(rootPathOf(volume));
    for (const args of [['--help'], ['explain', bundle], ['test', '--help']]) runProgram(link, args, { env });
    // The script is the wrapper by any name: only the static program is several.
    expect(runtime.calls()).toHaveLength(onNode ? 6 : 3);
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
