import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, mountedRoot, rootOf, specOf, withPvcRoot } from './bundle.js';
import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { forgetTables, ownPackage } from './own-package.js';
import { describeWith, onNode, startInState, wrapper } from './programs.js';
import { recorderAt } from './recorded-calls.js';
import { type Ended, type RunOptions, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { starvedCall } from './starved-call.js';

const RUNTIMES = ['youki', 'nvidia-container-runtime.real', 'some-oci-runtime', 'runc', 'crun', 'runsc'];

/** What can stand behind a flag that is not known: words that are verbs of one runtime or another, and others. */
const VALUES = ['error', 'info', 'debug', 'trace', 'list', 'state', 'start', 'help', 'exec', 'run'];

describeWith(['busybox'], 'a flag before the verb that is not known', () => {
  const call = (
    runtime: string,
    args: readonly string[],
    run: (args: readonly string[], options: RunOptions) => Ended = (...call) => runProgram(wrapper, ...call),
  ) => {
    const recorder = recorderAt(join(scratchFolder('runtime'), runtime));
    const log = join(scratchFolder('log'), 'wrapper.log');
    const ended = run(args, {
      env: { SGS_RUNC_PATH: recorder.path, OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' },
    });
    const records = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      // On Node.js, which cannot mount.
      .filter(({ msg }) => !msg.includes('no mount namespace of its own'));
    return { ended, records, calls: recorder.calls().map(({ argv }) => argv.slice(1)) };
  };
  const onVolume = (volume: KubeletVolume) => bundleOf(withPvcRoot(specOf(''), volume));

  test.each(RUNTIMES)('of %s: a create on a volume is rewritten, whatever its value is', (runtime) => {
    const volume = kubeletVolume();
    for (const value of VALUES) {
      const bundle = onVolume(volume);
      const args = ['--log-level', value, '--future', value, 'create', '--bundle', bundle, 'c1'];
      const { ended, calls, records } = call(runtime, args);
      expect({ value, ended }).toEqual({ value, ended: { status: 0, signal: null, stdout: '', stderr: '' } });
      expect(calls).toEqual([args]);
      expect({ value, root: rootOf(bundle) }).toEqual({ value, root: mountedRoot(volume) });
      expect(records.at(-1)).toMatchObject({ verb: 'create', id: 'c1', decision: 'rewrite' });
    }
  });

  test.each(RUNTIMES)(
    'of %s: a container without a trigger and every other call pass as they are',
    (runtime) => {
      const plain = bundleOf(specOf(''));
      const before = configState(plain);
      const volume = onVolume(kubeletVolume());
      for (const args of [
        ['--future', 'list', 'create', '--bundle', plain, 'c1'],
        ['--future', 'exec', 'c1', 'create', '--bundle', volume, 'x'],
        ['--future', 'delete', '--force', 'create'],
        ['exec', 'c1', 'create', '--bundle', volume, 'x'],
        ['kill', 'run', '9'],
      ]) {
        const { ended, calls, records } = call(runtime, args);
        expect({ args, ended }).toEqual({ args, ended: { status: 0, signal: null, stdout: '', stderr: '' } });
        expect(calls).toEqual([args]);
        expect(records.at(-1)).toMatchObject({ decision: 'pass' });
      }
      expect(configState(plain)).toEqual(before);
      expect(rootOf(volume).volume).toBeUndefined();
    },
  );

  test('youki is called in its own grammar: its --log-level takes a value, and the call says nothing of doubt', () => {
    const volume = kubeletVolume();
    const bundle = onVolume(volume);
    const { records } = call('youki', ['--log-level', 'list', 'create', `-b=${bundle}`, 'c1']);
    expect(records).toMatchObject([{ verb: 'create', bundle, decision: 'rewrite' }]);
    expect(rootOf(bundle)).toEqual(mountedRoot(volume));
  });

  test('which of two bundles with a volume is meant nobody can say: refused, and nothing is changed', () => {
    const volume = kubeletVolume();
    const [one, two] = [onVolume(volume), onVolume(volume)];
    const args = ['create', `--bundle=${one}`, '--future', `--bundle=${two}`, 'c1'];
    const { ended, calls } = call('runc', args);
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toContain('[ERR_ARGUMENTS_AMBIGUOUS]');
    expect(calls).toEqual([]);
    expect([rootOf(one).volume, rootOf(two).volume]).toEqual([undefined, undefined]);
  });

  test('what was taken for the verb is a warning in the log', () => {
    const bundle = onVolume(kubeletVolume());
    const { records } = call('runc', ['--future', 'list', 'create', '--bundle', bundle, 'c1']);
    expect(records.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(records[0].msg).toContain(`taken as create of "${bundle}"`);
  });

  test('where the engine cannot run, a call that can be a create is refused, and a kill is not', () => {
    const own = ownPackage();
    forgetTables();
    const bundle = onVolume(kubeletVolume());
    if (onNode) {
      // No launcher is left that could tell the one from the other: neither reaches the runtime.
      for (const args of [
        ['list', 'create', '--bundle', bundle, 'c1'],
        ['list', 'kill', 'c1', '9'],
      ]) {
        expect(starvedCall(own.wrapper, ['--future', ...args])).toMatchObject({ status: null, stdout: '' });
      }
      return;
    }
    const starved = (args: readonly string[], options: RunOptions) => starvedCall(own.wrapper, args, options);
    const refused = call('youki', ['--future', 'list', 'create', '--bundle', bundle, 'c1'], starved);
    expect(refused.ended.status).toBe(1);
    expect(refused.ended.stderr).toContain('[ERR_ENGINE_FAILED]');
    expect(refused.calls).toEqual([]);
    const passed = call('youki', ['--future', 'list', 'kill', 'c1', '9'], starved);
    expect(passed.ended).toMatchObject({ status: 0, stderr: '' });
    expect(passed.calls).toHaveLength(1);
  });
});

describeWith(['busybox', 'crun'], 'arguments that end where another was expected', () => {
  /** crun's `--c` fits `--config` and `--console-socket`, its `--lo` three flags. */
  test.each([
    [['create', '--c'], '--c'],
    [['--lo'], 'kill'],
    [['create', '--bundle'], 'c1'],
    [['--log'], 'kill'],
  ])('%j: the environment behind them is not read', (args, first) => {
    const folder = scratchFolder('crun');
    const recorder = recorderAt(join(folder, 'crun'));
    const log = join(folder, 'wrapper.log');
    const hex = (text: string) => Buffer.from(text).toString('hex');
    const env = [
      ...[first, 'ENV-AS-ID=1', `SGS_RUNC_PATH=${recorder.path}`],
      ...['OCIWRAP_LOG_LEVEL=debug', `OCIWRAP_LOG_FILE=${log}`],
    ];
    const ended = runProgram(startInState, [
      ...['runc', ...args].map((text) => `arg=${hex(text)}`),
      ...env.map((text) => `env=${hex(text)}`),
      wrapper,
    ]);
    expect(ended).toMatchObject({ status: 0, signal: null, stderr: '' });
    expect(recorder.calls().map(({ argv }) => argv.slice(1))).toEqual([args]);
    expect(readFileSync(log, 'utf8')).not.toContain('ENV-AS-ID');
  });
});
