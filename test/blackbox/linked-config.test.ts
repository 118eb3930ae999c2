import { linkSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, configState, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap, program, recordingRuntime, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** A bundle whose config.json is no plain file in a plain folder, by what makes one of a plain one. */
const LAID_OUT: readonly (readonly [string, (bundle: string) => string])[] = [
  [
    'a symlink',
    (bundle) => {
      renameSync(join(bundle, 'config.json'), join(bundle, 'real.json'));
      symlinkSync('real.json', join(bundle, 'config.json'));
      return bundle;
    },
  ],
  [
    'a symlink out of the bundle',
    (bundle) => {
      const elsewhere = join(scratchFolder('elsewhere'), 'real.json');
      renameSync(join(bundle, 'config.json'), elsewhere);
      symlinkSync(elsewhere, join(bundle, 'config.json'));
      return bundle;
    },
  ],
  [
    'one of two names of a file',
    (bundle) => {
      linkSync(join(bundle, 'config.json'), join(bundle, 'twin.json'));
      return bundle;
    },
  ],
  [
    'in a folder that is a symlink',
    (bundle) => {
      const link = join(scratchFolder('link'), 'bundle');
      symlinkSync(bundle, link);
      return link;
    },
  ],
];

describeWith(['runc', 'busybox'], 'a config.json that is', () => {
  const quiet = { OCIWRAP_LOG_FILE: '/dev/null' };
  const run = (file: string, bundle: string, id: string, runtime = '') =>
    runProgram(file, ['--root', scratchFolder('state'), 'run', '--bundle', bundle, id], {
      env: runtime === '' ? quiet : { ...quiet, SGS_RUNC_PATH: runtime },
    });

  describe.each(LAID_OUT)('%s', (_title, lay) => {
    test('without a trigger is run as the bare runtime runs it', () => {
      const bundle = lay(bundleOf(specOf('echo out; exit 3')));
      const before = configState(bundle);
      const bare = run(program('runc'), bundle, `bare-${process.pid}`);
      expect(bare).toMatchObject({ status: 3, stdout: 'out\n' });
      expect(run(wrapper, bundle, `wrapped-${process.pid}`, program('runc'))).toEqual(bare);
      expect(configState(bundle)).toEqual(before);
    });
  });

  test.each(LAID_OUT.slice(0, 2))('%s, with a trigger, is refused, and left as it is', (_title, lay) => {
    const bundle = lay(bundleOf(withPvcRoot(specOf(''), kubeletVolume())));
    const link = readlinkSync(join(bundle, 'config.json'));
    const before = configState(bundle);
    for (const args of [
      ['create', '--bundle', bundle, 'x'],
      ['run', '-b', bundle, 'x'],
    ]) {
      const { status, stderr } = runProgram(wrapper, args, {
        env: { ...quiet, SGS_RUNC_PATH: recordingRuntime },
      });
      expect(status).toBe(1);
      expect(stderr).toContain('[ERR_CONFIG_NOT_REGULAR]');
    }
    for (const args of [
      ['rewrite', '--bundle', bundle],
      ['rewrite', '--dry-run', '--bundle', bundle],
    ]) {
      const { status, stdout, stderr } = runProgram(ociwrap, args, { env: quiet });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('[ERR_CONFIG_NOT_REGULAR]');
    }
    const explained = runProgram(ociwrap, ['explain', '--bundle', bundle], { env: quiet });
    expect(explained.status).toBe(1);
    expect(explained.stdout).toContain('[ERR_CONFIG_NOT_REGULAR]');
    expect(explained.stdout).toContain('/root/path');
    expect(configState(bundle)).toEqual(before);
    expect(readlinkSync(join(bundle, 'config.json'))).toBe(link);
  });

  test.each(LAID_OUT.slice(2))('%s, with a trigger, is rewritten', (_title, lay) => {
    const volume = kubeletVolume();
    const bundle = lay(bundleOf(withPvcRoot(specOf('echo volume > /mnt/seen'), volume)));
    expect(run(wrapper, bundle, `rewritten-${process.pid}`, program('runc'))).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(readFileSync(join(volume.disk, 'mnt/seen'), 'utf8')).toBe('volume\n');
  });

  const broken: readonly (readonly [string, (config: string) => void])[] = [
    ['a symlink to nothing', (config) => symlinkSync('nowhere.json', config)],
    ['a symlink below a file', (config) => symlinkSync('/proc/version/config.json', config)],
  ];
  test.each(broken)('%s is what the runtime says of it', (_title, make) => {
    const bundle = scratchFolder('bundle');
    mkdirSync(join(bundle, 'rootfs'));
    make(join(bundle, 'config.json'));
    const timeless = (text: string) => text.replace(/time="[^"]*"/g, 'time=""');
    const bare = run(program('runc'), bundle, 'x');
    const wrapped = run(wrapper, bundle, 'x', program('runc'));
    expect(bare.status).toBe(1);
    expect({ ...wrapped, stderr: timeless(wrapped.stderr) }).toEqual({
      ...bare,
      stderr: timeless(bare.stderr),
    });
  });

  test.each([
    ['a FIFO', (config: string) => void runProgram('mkfifo', [config])],
    [
      'a symlink to a FIFO',
      (config: string) => {
        runProgram('mkfifo', [`${config}.pipe`]);
        symlinkSync('config.json.pipe', config);
      },
    ],
    ['a symlink to a device that gives bytes for ever', (config: string) => symlinkSync('/dev/zero', config)],
  ])('%s is refused, and nobody waits for it', (_title, make) => {
    const bundle = bundleOf('');
    rmSync(join(bundle, 'config.json'));
    make(join(bundle, 'config.json'));
    const { status, stderr } = runProgram(wrapper, ['create', '-b', bundle, 'x'], { env: quiet });
    expect(status).toBe(1);
    expect(stderr).toContain('[ERR_CONFIG_NOT_REGULAR]');
  });
});
