import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import type { MemoryHostOptions } from '@opencontainers-ts/rootfs-rewriter/testing';

import { carryOut } from '../../src/call/carry-out.js';
import { planCall } from '../../src/call/plan-call.js';
import { bundleIn, machine, plainSpec, SELF, TRIGGER, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const plain = bundleIn(folder, 'plain', plainSpec());
const volume = bundleIn(folder, 'volume', volumeSpec());
const unmatched = bundleIn(folder, 'unmatched', volumeSpec('pvc-other'));
const broken = bundleIn(folder, 'broken', '{"annotations": ');
const brokenWithTrigger = bundleIn(folder, 'broken-with-trigger', `{"annotations":{"${TRIGGER}": `);
/** A bundle whose config.json is a symlink. */
const linkedTo = (name: string, target: string): string => {
  const bundle = join(folder, name);
  mkdirSync(bundle);
  symlinkSync(target, join(bundle, 'config.json'));
  return bundle;
};
const linked = linkedTo('linked', join(plain, 'config.json'));
const linkedVolume = linkedTo('linked-volume', join(volume, 'config.json'));
const dangling = linkedTo('dangling', 'nowhere.json');
const loop = linkedTo('loop', 'config.json');
const linkedFolder = linkedTo('linked-folder', plain);

interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly host?: MemoryHostOptions;
  readonly cwd?: string;
}

function plan(args: readonly string[], { env = {}, host = {}, cwd = '/' }: Setting = {}) {
  const argv = ['runc', ...args].map((text) => Buffer.from(text));
  return planCall(
    { argv, env, execFn: '/usr/bin/runc-wrapper', cwd, self: SELF },
    { rules: [pvcRootfs()] },
    machine(host),
  );
}

describe('a call passes', () => {
  test.each<[string, string[], Setting?]>([
    ['with a verb that cannot carry a rewrite', ['kill', 'c1']],
    ['with no verb', ['--version']],
    ['without a trigger text', ['create', '--bundle', plain, 'c1']],
    [
      'without a bundle, whose absence the runtime reports',
      ['create', '--bundle', join(folder, 'none'), 'c1'],
    ],
    ['with broken JSON in which no trigger stands', ['create', '--bundle', broken, 'c1']],
    ['without a trigger behind a symlink', ['create', '--bundle', linked, 'c1']],
    ['with a symlink to nothing, which the runtime reports', ['create', '--bundle', dangling, 'c1']],
    ['with another verb on a bundle that is a trap', ['delete', '--bundle', loop, 'c1']],
  ])('%s', (_name, args, setting = {}) => {
    const call = plan(args, setting);
    expect(call.decision.kind).toBe('pass');
    expect(call.resolution.runtime?.path).toBe('/usr/bin/runc');
  });
});

test.each([
  [volume, '/'],
  ['volume', folder],
  ['./volume', folder],
])('what is relative to the bundle %s is made absolute', (bundle, cwd) => {
  const before = process.cwd();
  process.chdir(cwd);
  const { plan: planned } = plan(['create', '--bundle', bundle, 'c1'], { cwd });
  process.chdir(before);
  const [action] = planned?.actions ?? [];
  expect(action?.kind === 'mount-root' && action.image).toBe(join(volume, 'rootfs'));
});

describe('a call with a misspelt annotation passes, and is told of', () => {
  const slip = 'sgs.snucse.org/osvolume';
  const configs: readonly (readonly [string, string, readonly string[] | undefined])[] = [
    ['in a spec', JSON.stringify({ ...plainSpec(), annotations: { [slip]: '/mnt' } }), [slip]],
    ['unless it is no annotation', JSON.stringify({ ...plainSpec(), hostname: slip }), undefined],
    ['unless the file is broken', `{"annotations":{"${slip}": `, undefined],
    ['unless the annotations are none', JSON.stringify({ ...plainSpec(), annotations: [slip] }), undefined],
    ['in what could be read in two ways', `{"annotations":{},"annotations":{"${slip}":"a"}}`, [slip]],
  ];
  test.each(configs)('%s', (name, config, told) => {
    const call = plan(['create', '--bundle', bundleIn(folder, `slip ${name}`, config), 'c1']);
    expect(call.decision).toEqual({ kind: 'pass', reason: 'no trigger text in config.json' });
    expect(call.slips).toEqual(told?.map((key) => expect.stringContaining(`"${key}" asks for nothing`)));
  });
});

describe('a call is rewritten', () => {
  test.each(['create', 'run', 'restore'])('%s', (verb) => {
    const call = plan([verb, '--bundle', volume, 'c1']);
    expect(call.decision).toEqual({ kind: 'rewrite' });
    expect(call.plan?.document.spec.root?.path).toBe(VOLUME_PATH);
    expect(call.plan?.pins.map(({ path }) => path)).toContain(VOLUME_PATH);
  });
});

describe('a call is refused', () => {
  const noRuntime: MemoryHostOptions = { files: {} };
  test.each<[string, string[], string, Setting?]>([
    ['when the volume is not mounted', ['create', '-b', unmatched, 'c1'], 'ERR_VOLUME_NOT_FOUND'],
    ['when broken JSON holds a trigger', ['create', '-b', brokenWithTrigger, 'c1'], 'ERR_SPEC_SYNTAX'],
    [
      'behind a symlink that would be replaced',
      ['create', '-b', linkedVolume, 'c1'],
      'ERR_CONFIG_NOT_REGULAR',
    ],
    ['when config.json is a symlink to itself', ['create', '-b', loop, 'c1'], 'ERR_CONFIG_UNREADABLE'],
    ['when it is one to a folder', ['create', '-b', linkedFolder, 'c1'], 'ERR_CONFIG_NOT_REGULAR'],
    ['when there is no runtime, for any verb', ['kill', 'c1'], 'ERR_RUNTIME_MISSING', { host: noRuntime }],
    ['at the fifth passage', ['state', 'c1'], 'ERR_RUNTIME_LOOP', { env: { OCIWRAP_DEPTH: '4' } }],
    [
      'when the runtime named does not exist',
      ['state', 'c1'],
      'ERR_RUNTIME_NOT_EXECUTABLE',
      { env: { SGS_RUNC_PATH: '/x' } },
    ],
    [
      'when the host cannot be read',
      ['create', '-b', volume, 'c1'],
      'ERR_HOST_UNREADABLE',
      {
        host: {
          mounts: [VOLUME_PATH],
          files: { '/usr/bin/runc': '' },
          failures: { '/var/lib/kubelet': 'EIO' },
        },
      },
    ],
  ])('%s', (_name, args, code, setting = {}) => {
    const { decision } = plan(args, setting);
    expect(decision).toEqual({
      kind: 'refuse',
      refusal: expect.objectContaining({ code, hint: expect.any(String) }),
    });
  });
});

const crun = {
  env: { SGS_RUNC_PATH: '/usr/bin/crun' },
  host: { mounts: [VOLUME_PATH], files: { '/usr/bin/crun': '' } },
};

test('the file that crun is told to read instead of config.json is named when it is not JSON', () => {
  const elsewhere = join(brokenWithTrigger, 'other.json');
  copyFileSync(join(brokenWithTrigger, 'config.json'), elsewhere);
  const { decision } = plan(['create', '--bundle', plain, '--config', elsewhere, 'c1'], crun);
  const refusal = { code: 'ERR_SPEC_SYNTAX', message: expect.stringContaining(`"${elsewhere}"`) };
  expect(decision).toEqual({ kind: 'refuse', refusal: expect.objectContaining(refusal) });
});

test('the file that crun is told to read instead of config.json is the one that is planned for', () => {
  const elsewhere = join(volume, 'other.json');
  copyFileSync(join(volume, 'config.json'), elsewhere);
  const call = plan(['create', '--bundle', plain, '--config', elsewhere, 'c1'], crun);
  expect(call.decision).toEqual({ kind: 'rewrite' });
  carryOut(call, machine());
  expect(JSON.parse(readFileSync(elsewhere, 'utf8')).root.path).toBe(VOLUME_PATH);
  expect(JSON.parse(readFileSync(join(volume, 'config.json'), 'utf8')).root.path).toBe('rootfs');
});

describe('the grammar is that of the program at the end of symlinks', () => {
  // With crun -b=X is the folder "=X", with runc "X".
  const bundleOf = (symlinks: Record<string, string>, files: Record<string, string>) => {
    const { invocation, resolution } = plan(['create', '-b=X', 'c1'], { host: { symlinks, files } });
    expect(resolution.runtime?.path).toBe('/usr/bin/runc');
    return Buffer.from(invocation.bundle ?? []).toString();
  };
  const alternatives = {
    '/usr/bin/runc': '/etc/alternatives/runc',
    '/etc/alternatives/runc': '/opt/crun-1.15',
  };
  test.each([
    ['a program of its own', {}, { '/usr/bin/runc': '' }, 'X'],
    ['a link to crun', { '/usr/bin/runc': 'crun' }, { '/usr/bin/crun': '' }, '=X'],
    ['an alternative', alternatives, { '/opt/crun-1.15': '' }, '=X'],
    ['a link to a program of many names', { '/usr/bin/runc': 'multi' }, { '/usr/bin/multi': '' }, 'X'],
  ])('runc is %s', (_name, symlinks, files, bundle) => {
    expect(bundleOf(symlinks, files)).toBe(bundle);
  });
});
