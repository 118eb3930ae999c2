import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, specOf, withPvcRoot } from './bundle.js';
import { configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap, wrapper } from './programs.js';
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

  // NVIDIA/gpu-operator#413, #2387: a script X that sets the environment and calls X.real, in a folder of their own.
  describe("in the GPU operator's folder", () => {
    function toolkit() {
      const folder = scratchFolder('toolkit');
      chmodSync(folder, 0o755);
      const [name, real] = ['nvidia-container-runtime', 'nvidia-container-runtime.real'].map((file) =>
        join(folder, file),
      ) as [string, string];
      const text = `#! /bin/sh\nPATH=${folder}:$PATH \\\nNVIDIA_CTK_CONFIG_FILE_PATH=${folder}/own.toml \\\n\t${real} \\\n\t\t"$@"\n`;
      return {
        folder,
        name,
        real,
        text,
        write: (path: string) => writeFileSync(path, text, { mode: 0o755 }),
      };
    }
    const env = { ...quiet, PATH: process.env['PATH'] ?? '' };
    // A loop is stopped: the test must not take the machine with it.
    const limited = (program: string, ...args: readonly string[]) =>
      runProgram('timeout', ['-s', 'KILL', '20', program, ...args], { env });

    test.each([['create'], ['state'], ['kill']])(
      '%s with their script over the program that it calls is refused, and not forked for ever',
      (verb) => {
        const { name, real, write } = toolkit();
        write(real);
        symlinkSync(wrapper, name);
        const { status, stderr } = limited(name, verb, 'x');
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: expect.stringContaining(`"${real}" is a script that calls "nvidia-container-runtime.real"`),
        });
        expect(stderr).toContain('[ERR_RUNTIME_CALLS_ITSELF]');
        const explained = runProgram(ociwrap, ['explain', '--runtime-name', name, '--', verb, 'x'], { env });
        expect(explained.stdout).toContain(`${real}, from beside: script-of-itself`);
      },
    );

    test('over their script, the program behind gets the configuration of the folder', () => {
      const { folder, name, real } = toolkit();
      const recorder = recorderAt(real);
      symlinkSync(wrapper, name);
      const config = join(folder, '.config/nvidia-container-runtime/config.toml');
      mkdirSync(dirname(config), { recursive: true });
      writeFileSync(config, '');
      expect(limited(name, 'state', 'x')).toMatchObject({ status: 0, stderr: '' });
      expect(recorder.calls()[0]?.env).toContain(`NVIDIA_CTK_CONFIG_FILE_PATH=${config}`);
      const bundle = bundleOf(withPvcRoot(specOf(''), kubeletVolume()));
      expect(limited(name, 'create', '--bundle', bundle, 'x')).toMatchObject({ status: 0, stderr: '' });
      expect(recorder.calls()[1]?.env).toContain(`NVIDIA_CTK_CONFIG_FILE_PATH=${config}`);
      const explained = runProgram(ociwrap, ['explain', '--runtime-name', name, '--', 'state', 'x'], { env });
      expect(explained.stdout).toContain(`env: NVIDIA_CTK_CONFIG_FILE_PATH=${config}\n`);
    });

    test('a link elsewhere and runtime.paths.nvidia leave their script, and what it sets, as they are', () => {
      const { folder, name, real, write } = toolkit();
      const recorder = recorderAt(real);
      write(name);
      const link = join(scratchFolder('bin'), 'nvidia-container-runtime');
      symlinkSync(wrapper, link);
      const machine = configuredMachine({ 'config.toml': `runtime.paths.nvidia = "${name}"\n` });
      expect(machine.run(link, ['state', 'x'], { env })).toMatchObject({ status: 0, stderr: '' });
      expect(recorder.calls()).toMatchObject([{ argv: [real, 'state', 'x'] }]);
      expect(recorder.calls()[0]?.env).toContain(`NVIDIA_CTK_CONFIG_FILE_PATH=${folder}/own.toml`);
    });
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
