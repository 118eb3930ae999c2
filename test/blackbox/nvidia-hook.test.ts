import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, rootPathOf, specOf, withPvcRoot } from './bundle.js';
import { configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap, program, recordingRuntime, root, wrapper } from './programs.js';
import { type Recorder, recorderAt } from './recorded-calls.js';
import { type Ended, runProgram } from './run-program.js';
import { atEnd, scratchFolder } from './scratch.js';

const SCRIPT = 'echo started';
const USUAL = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TOOLKIT_CONFIG = '/etc/nvidia-container-runtime/config.toml';

interface HookCall {
  readonly path: string;
  readonly args: readonly string[];
}

const HOOK = 'nvidia-container-runtime-hook';

/** The program by one of the names that the toolkit has for the hook. */
function hookNamed(name: string, argv0 = name): HookCall {
  const path = join(scratchFolder('hook'), name);
  symlinkSync(ociwrap, path);
  return { path, args: [argv0, 'prestart'] };
}

/** The ways in which a runtime is told to call the hook. */
const ways: readonly { readonly title: string; readonly hook: () => HookCall }[] = [
  { title: `the symlink ${HOOK}`, hook: () => hookNamed(HOOK) },
  { title: 'the symlink nvidia-container-toolkit', hook: () => hookNamed('nvidia-container-toolkit') },
  { title: 'a symlink, whatever argv[0] says', hook: () => hookNamed(HOOK, 'hook') },
  {
    title: 'ociwrap nvidia-hook',
    hook: () => ({ path: ociwrap, args: ['ociwrap', 'nvidia-hook', 'prestart'] }),
  },
];

/** A folder with a nvidia-container-cli that records how it is called. */
function fakeCli(status = 0): { readonly folder: string; readonly cli: Recorder } {
  const folder = scratchFolder('cli');
  return { folder, cli: recorderAt(join(folder, 'nvidia-container-cli'), status) };
}

function gpuSpec(hook: HookCall, hookEnv: readonly string[], containerEnv: readonly string[]): Spec {
  const { process, ...rest } = specOf(SCRIPT);
  return {
    ...rest,
    process: { cwd: '/', ...process, env: ['PATH=/bin', ...containerEnv] },
    hooks: { prestart: [{ path: hook.path, args: [...hook.args], env: [...hookEnv] }] },
  };
}

let count = 0;

const runArguments = (bundle: string) => {
  count += 1;
  return ['--root', scratchFolder('state'), 'run', '--bundle', bundle, `gpu-${process.pid}-${count}`];
};

function runc(bundle: string, runtime = program('runc'), env: Readonly<Record<string, string>> = {}): Ended {
  return runProgram(runtime, runArguments(bundle), { env });
}

/** A toolkit's config.toml in its usual place; /etc is a copy of this test run's own. */
function toolkitConfig(text: string): void {
  writeFileSync(TOOLKIT_CONFIG, text);
  atEnd(() => rmSync(TOOLKIT_CONFIG, { force: true }));
}

describeWith(['runc', 'busybox'], 'the NVIDIA hook, called by runc', () => {
  test.each(ways)(
    'as $title: nvidia-container-cli gets its arguments and the environment of the hook',
    ({ hook }) => {
      const { folder, cli } = fakeCli();
      const env = [`PATH=${folder}:/usr/bin`, 'NODE_OPTIONS=--no-such-flag', 'LD_PRELOAD=/nowhere.so', 'A=1'];
      const spec = gpuSpec(hook(), env, ['NVIDIA_VISIBLE_DEVICES=1,0,1', 'NVIDIA_REQUIRE_CUDA=cuda>=12']);
      expect(runc(bundleOf(spec))).toMatchObject({ status: 0, stdout: 'started\n' });
      expect(cli.calls()).toHaveLength(1);
      expect(cli.calls()[0]).toMatchObject({
        argv: [
          cli.path,
          '--load-kmods',
          'configure',
          '--cuda-compat-mode=ldconfig',
          expect.stringMatching(/^--ldconfig=@\/sbin\/ldconfig(\.real)?$/),
          '--device=1,0',
          '--compute',
          '--utility',
          '--require=cuda>=12',
          expect.stringMatching(/^--pid=[1-9][0-9]*$/),
          spec.root?.path,
        ],
        env: [
          `PATH=${folder}:/usr/bin:${USUAL.replace('/usr/bin:', '')}`,
          'NODE_OPTIONS=--no-such-flag',
          'LD_PRELOAD=/nowhere.so',
          'A=1',
        ],
      });
    },
  );

  test.each(ways)('as $title: a container that asks for no GPU starts, and nothing is said', ({ hook }) => {
    const { folder, cli } = fakeCli();
    const ended = runc(bundleOf(gpuSpec(hook(), [`PATH=${folder}`], [])));
    expect(ended).toEqual({ status: 0, signal: null, stdout: 'started\n', stderr: '' });
    expect(cli.calls()).toEqual([]);
  });

  test.each<[why: string, env: readonly string[], hookEnv: readonly string[], status: number, said: string]>([
    [
      'the hook refuses',
      ['NVIDIA_VISIBLE_DEVICES=all', 'NVIDIA_MIG_CONFIG_DEVICES=all'],
      [],
      0,
      'cannot set MIG_CONFIG_DEVICES in non privileged container',
    ],
    ['nvidia-container-cli fails', ['NVIDIA_VISIBLE_DEVICES=all'], [], 1, 'exit status 1'],
    [
      'there is no nvidia-container-cli',
      ['NVIDIA_VISIBLE_DEVICES=all'],
      ['PATH=/nowhere'],
      0,
      "couldn't find binary nvidia-container-cli in PATH",
    ],
  ])('a container does not start where %s', (_why, env, hookEnv, status, said) => {
    const { folder } = fakeCli(status);
    const ended = runc(
      bundleOf(gpuSpec(hookNamed(HOOK), hookEnv.length > 0 ? hookEnv : [`PATH=${folder}`], env)),
    );
    expect(ended.status).not.toBe(0);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain(said);
  });

  test('the profile is that of the environment, else that of the configuration', () => {
    const flags = (hookEnv: readonly string[], config?: string) => {
      const { folder, cli } = fakeCli();
      const spec = gpuSpec(hookNamed(HOOK), [`PATH=${folder}`, ...hookEnv], ['NVIDIA_VISIBLE_DEVICES=0,0']);
      const machine = configuredMachine(config === undefined ? {} : { 'config.toml': config });
      expect(machine.run(program('runc'), runArguments(bundleOf(spec)))).toMatchObject({ status: 0 });
      return cli.calls()[0].argv.slice(1, -2);
    };
    const seed = ['--load-kmods', 'configure', '--device=0,0', '--utility'];
    const config = 'nvidia.profile = "v1.5"\n';
    expect(flags(['OCIWRAP_NVIDIA_PROFILE=seed'])).toEqual(seed);
    expect(flags([], config)).toEqual([...seed, '--compute']);
    expect(flags(['OCIWRAP_NVIDIA_PROFILE=seed'], config)).toEqual(seed);
    expect(flags(['OCIWRAP_NVIDIA_PROFILE=current'], config)).toContain('--device=0');
  });

  test("the toolkit's config.toml is found where the toolkit has it", () => {
    const { cli } = fakeCli();
    toolkitConfig(
      `accept-nvidia-visible-devices-as-volume-mounts = true\n[nvidia-container-cli]\npath = "${cli.path}"\nenvironment = ["N=1"]\nno-cgroups = true\n`,
    );
    const spec = gpuSpec(hookNamed(HOOK), ['A=1'], []);
    const asked = '/var/run/nvidia-container-devices/GPU-7';
    const bundle = bundleOf({
      ...spec,
      mounts: [
        ...(spec.mounts ?? []),
        { destination: asked, source: '/dev/null', type: 'bind', options: ['bind'] },
      ],
    });
    expect(runc(bundle)).toMatchObject({ status: 0, stdout: 'started\n' });
    expect(cli.calls()).toMatchObject([
      { argv: expect.arrayContaining(['--no-cgroups', '--device=GPU-7']), env: ['A=1', 'N=1'] },
    ]);
    rmSync(TOOLKIT_CONFIG);
  });

  test('the rule of docs/nvidia.md has it called for containers that speak of GPUs', () => {
    const { folder, cli } = fakeCli();
    const page = readFileSync(join(root, 'docs/nvidia.md'), 'utf8');
    const [, rule = ''] = /```toml\n(.*?)```/s.exec(page) ?? [];
    const text = rule.replace('/opt/ociwrap/bin/ociwrap', ociwrap).replace('PATH = "', `PATH = "${folder}:`);
    const machine = configuredMachine({ 'config.toml': text });
    const env = { SGS_RUNC_PATH: program('runc'), OCIWRAP_LOG_FILE: '/dev/null' };
    const call = (containerEnv: readonly string[]) => {
      const { process, ...rest } = specOf(SCRIPT);
      const spec = { ...rest, process: { cwd: '/', ...process, env: ['PATH=/bin', ...containerEnv] } };
      expect(machine.call(runArguments(bundleOf(spec)), { env })).toMatchObject({
        status: 0,
        stdout: 'started\n',
      });
    };
    call(['A=1']);
    expect(cli.calls()).toEqual([]);
    call(['NVIDIA_VISIBLE_DEVICES=0']);
    expect(cli.calls()).toMatchObject([{ argv: expect.arrayContaining(['--device=0']) }]);
  });

  test('on a PVC root nvidia-container-cli is given the volume', () => {
    const { folder, cli } = fakeCli();
    const volume = kubeletVolume();
    const spec = gpuSpec(hookNamed(HOOK), [`PATH=${folder}`], ['NVIDIA_VISIBLE_DEVICES=all']);
    const env = { SGS_RUNC_PATH: program('runc'), OCIWRAP_LOG_FILE: '/dev/null' };
    expect(runc(bundleOf(withPvcRoot(spec, volume)), wrapper, env)).toMatchObject({
      status: 0,
      stdout: 'started\n',
    });
    expect(cli.calls()).toMatchObject([
      { argv: expect.arrayContaining(['--device=all', rootPathOf(volume)]) },
    ]);
  });
});

describeWith(['busybox'], 'the NVIDIA hook, called by hand', () => {
  const state = (bundle: string) => JSON.stringify({ ociVersion: '1.0.2', id: 'x', pid: 42, bundle });

  test('what its caller set is what nvidia-container-cli finds', () => {
    const { path } = hookNamed(HOOK);
    const { folder, cli } = fakeCli();
    const bundle = bundleOf(gpuSpec({ path, args: [] }, [], ['NVIDIA_VISIBLE_DEVICES=0']));
    const direct = recorderAt(join(scratchFolder('direct'), 'direct'));
    const settings = 'umask 027; ulimit -n 100; ulimit -c 0; trap "" HUP USR1 PIPE; exec 5</dev/null';
    for (const called of [`${path} prestart`, direct.path]) {
      const ended = runProgram('/bin/sh', ['-c', `${settings}; exec ${called}`], {
        env: { PATH: folder, TZ: 'Asia/Seoul' },
        cwd: bundle,
        input: state(bundle),
      });
      expect(ended).toMatchObject({ status: 0, stdout: '' });
    }
    const [[found], [expected]] = [cli.calls(), direct.calls()] as readonly (readonly Record<
      string,
      unknown
    >[])[];
    for (const member of ['signalMask', 'ignoredSignals', 'limits', 'umask', 'cwd']) {
      expect({ [member]: found?.[member] }).toEqual({ [member]: expected?.[member] });
    }
    expect(found?.['env']).toContain('TZ=Asia/Seoul');
  });

  test.each<[args: readonly string[], status: number, stderr: RegExp]>([
    [['poststop'], 0, /^$/],
    [[], 2, /^Usage of nvidia-container-runtime-hook:\n/],
    [['create', '--bundle', '/b', 'id'], 2, /^Usage of /],
    [['-x', 'prestart'], 2, /^flag provided but not defined: -x\nUsage of /],
    [['prestart'], 1, /^could not decode container state: EOF\n$/],
  ])('%j ends with %d, and is no call of a runtime', (args, status, stderr) => {
    const runtime = recorderAt(join(scratchFolder('runtime'), 'runc'));
    const ended = runProgram(hookNamed(HOOK).path, args, { env: { SGS_RUNC_PATH: runtime.path } });
    expect(ended).toEqual({ status, signal: null, stdout: '', stderr: expect.stringMatching(stderr) });
    expect(runtime.calls()).toEqual([]);
  });

  test('the wrapper does not take it for a runtime', () => {
    const { path } = hookNamed(HOOK);
    const ended = runProgram(wrapper, ['state', 'x'], {
      env: { SGS_RUNC_PATH: path, OCIWRAP_LOG_FILE: '/dev/null' },
    });
    expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining('[ERR_RUNTIME_IS_SELF]') });
  });

  test('ociwrap nvidia config shows what the hook would do', () => {
    const bundle = bundleOf(gpuSpec({ path: recordingRuntime, args: [] }, [], ['NVIDIA_VISIBLE_DEVICES=3']));
    const { status, stdout } = runProgram(ociwrap, ['nvidia', 'config', '--bundle', bundle, '--json'], {
      env: { OCIWRAP_NVIDIA_PROFILE: 'v1.5' },
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      profile: { value: 'v1.5', origin: 'OCIWRAP_NVIDIA_PROFILE' },
      isGpuContainer: true,
      arguments: expect.arrayContaining(['--device=3']),
    });
  });
});
