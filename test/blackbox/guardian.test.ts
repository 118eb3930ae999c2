import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, specOf } from './bundle.js';
import { configuredMachine } from './configured-machine.js';
import { describeWith, program, wrapper } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const SYS = {
  destination: '/sys',
  type: 'sysfs',
  source: 'sysfs',
  options: ['nosuid', 'noexec', 'nodev', 'ro'],
};

/** Opens the device for reading and writing, and says how /sys is mounted. */
const SCRIPT = `exec 3<>/dev/net/tun && echo opened; ls -l /dev/kvm; grep ' /sys ' /proc/self/mountinfo`;

function spec() {
  const { mounts, ...rest } = specOf(SCRIPT);
  return {
    ...rest,
    mounts: [...(mounts ?? []), SYS],
    linux: { ...rest.linux, resources: { devices: [{ allow: false, access: 'rwm' }] } },
  };
}

describeWith(['runc', 'busybox'], 'the profile guardian', () => {
  const shimIn = (folder: string): string => {
    chmodSync(folder, 0o755);
    const shim = join(folder, 'guardian-runc-shim');
    symlinkSync(wrapper, shim);
    return shim;
  };

  const ways: readonly {
    title: string;
    run: (args: readonly string[], log: string) => ReturnType<typeof runProgram>;
  }[] = [
    {
      title: 'by the variable',
      run: (args, log) =>
        runProgram(wrapper, args, {
          env: {
            GUARDIAN_RUNC_SHIM_BINARY: program('runc'),
            GUARDIAN_RUNC_SHIM_LOGFILE: log,
            SGS_RUNC_PATH: '/nowhere',
          },
        }),
    },
    {
      title: 'by the name of the call',
      run: (args, log) =>
        runProgram(shimIn(scratchFolder('bin')), args, {
          env: { SGS_RUNC_PATH: program('runc'), GUARDIAN_RUNC_SHIM_LOGFILE: log },
        }),
    },
    {
      title: 'by the configuration',
      run: (args, log) =>
        configuredMachine({
          'config.toml': `profile = "guardian"\nruntime.paths.runc = "${program('runc')}"\nlog.file = "${log}"`,
        }).call(args),
    },
  ];
  test.each(ways)('chosen $title, gives a container the devices, and says nothing of its own', ({ run }) => {
    const state = scratchFolder('state');
    const log = join(scratchFolder('log'), 'shim.log');
    const bundle = bundleOf(spec());
    const ended = run(['--root', state, 'run', '--bundle', bundle, `guardian-${process.pid}`], log);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^opened\ncrw-rw---- .* 0 +104 +10, +232 .*\/dev\/kvm\n/);
    expect(ended.stdout).toMatch(/ \/sys rw,/);
    expect(readFileSync(log, 'utf8')).toContain('"decision":"rewrite"');
  });

  test('twice adds nothing twice', () => {
    const recorder = recorderIn(scratchFolder('runc'));
    const bundle = bundleOf(spec());
    const env = { GUARDIAN_RUNC_SHIM_BINARY: recorder.path, GUARDIAN_RUNC_SHIM_LOGFILE: '/dev/null' };
    const call = () => runProgram(wrapper, ['create', '--bundle', bundle, 'twice'], { env });
    expect(call()).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    const once = configState(bundle);
    expect(call()).toMatchObject({ status: 0 });
    expect(configState(bundle)).toEqual(once);
    const { linux } = JSON.parse(once.bytes);
    expect(linux.devices).toHaveLength(2);
    expect(linux.resources.devices).toEqual([{ allow: true, access: 'rwm' }]);
  });

  test('without a named runtime every call is refused', () => {
    const shim = shimIn(scratchFolder('bin'));
    const ended = runProgram(shim, ['state', 'x'], { env: { GUARDIAN_RUNC_SHIM_LOGFILE: '/dev/null' } });
    expect(ended).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/GUARDIAN_RUNC_SHIM_BINARY is not set \[ERR_RUNTIME_NOT_NAMED\]/),
    });
  });
});
