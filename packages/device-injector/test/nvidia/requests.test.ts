import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  getNvidiaConfig,
  NVIDIA_PROFILES,
  type NvidiaHookConfig,
  type NvidiaProfile,
  type NvidiaSpec,
  nvidiaHookDefaults,
} from '../../src/index.js';

const FOLDER = '/var/run/nvidia-container-devices';

interface Asked {
  readonly env?: readonly string[];
  readonly privileged?: boolean;
  readonly mounts?: readonly string[] | NvidiaSpec['mounts'];
  readonly config?: Partial<NvidiaHookConfig>;
}

function answer(profile: NvidiaProfile, { env = [], privileged = false, mounts = [], config = {} }: Asked) {
  const spec: NvidiaSpec = {
    ociVersion: '1.2.0',
    process: { env, ...(privileged ? { capabilities: { bounding: ['CAP_SYS_ADMIN'] } } : {}) },
    root: { path: 'rootfs' },
    mounts: mounts.map((mount) =>
      typeof mount === 'string' ? { source: '/dev/null', destination: mount } : mount,
    ),
  };
  return getNvidiaConfig(spec, { ...nvidiaHookDefaults(profile), ...config }, profile);
}

const visible = (value: string) => `NVIDIA_VISIBLE_DEVICES=${value}`;
const swarm = { config: { swarmResource: 'DRG' } };

describe('devices by variables', () => {
  /** Undefined: no GPU container. */
  type Devices = readonly string[] | undefined;
  test.each<[env: readonly string[], asked: Asked, seed: Devices, v15: Devices, current: Devices]>([
    [[], {}, undefined, undefined, undefined],
    [[visible('')], {}, undefined, undefined, undefined],
    [[visible('void')], {}, undefined, undefined, undefined],
    [[visible('none')], {}, [], [], []],
    [[visible('all')], {}, ['all'], ['all'], ['all']],
    [[visible('0,1')], {}, ['0,1'], ['0,1'], ['0', '1']],
    [[visible(' 0 , 1 ')], {}, [' 0 , 1 '], [' 0 , 1 '], ['0', '1']],
    [[visible('0,')], {}, ['0,'], ['0,'], ['0']],
    [[visible(',')], {}, [','], [','], undefined],
    [[visible('1,0,1')], {}, ['1,0,1'], ['1,0,1'], ['1', '0']],
    [[visible('0,none')], {}, ['0,none'], ['0,none'], []],
    [[visible('none,all')], {}, ['none,all'], ['none,all'], []],
    [[visible('0,all,none')], {}, ['0,all,none'], ['0,all,none'], ['all']],
    [[visible('all,void')], {}, ['all,void'], ['all,void'], undefined],
    [[visible('ALL')], {}, ['ALL'], ['ALL'], ['ALL']],
    [[visible('0'), visible('1')], {}, ['1'], ['1'], ['1']],
    [['CUDA_VERSION=8.0'], {}, ['all'], ['all'], ['all']],
    [['CUDA_VERSION=8.0', 'NVIDIA_REQUIRE_CUDA='], {}, ['all'], ['all'], ['all']],
    [['CUDA_VERSION=8.0', 'NVIDIA_REQUIRE_CUDA=cuda>=8'], {}, undefined, undefined, undefined],
    [['CUDA_VERSION='], {}, undefined, undefined, undefined],
    [['CUDA_VERSION=8.0', visible('')], {}, undefined, undefined, undefined],
    [['DRG=G1'], swarm, ['G1'], ['G1'], ['G1']],
    [['DRG=G1', visible('all')], swarm, ['all'], ['G1'], ['G1']],
    [['DRG=', visible('all')], swarm, ['all'], undefined, undefined],
    [['DRG=', 'CUDA_VERSION=8'], swarm, undefined, undefined, undefined],
    [['DRG=none', visible('all')], swarm, ['all'], [], []],
    [[visible('2')], swarm, ['2'], ['2'], ['2']],
    [
      ['A=1,2', 'B=2,3', visible('all')],
      { config: { swarmResource: 'B, A,,C' } },
      ['all'],
      ['all'],
      ['2', '3', '1'],
    ],
    [['B, A=7'], { config: { swarmResource: 'B, A' } }, ['7'], ['7'], undefined],
    [['DRG=1', visible('0')], {}, ['0'], ['0'], ['0']],
  ])('%j', (env, asked, ...expected) => {
    const found = NVIDIA_PROFILES.map((profile) => answer(profile, { ...asked, env }).config?.devices);
    expect(found).toEqual(expected);
  });

  const refused = { config: { acceptEnvironmentWhenUnprivileged: false } };
  test.each<
    [
      profile: NvidiaProfile,
      env: readonly string[],
      asked: Asked,
      devices: unknown,
      messages: readonly string[],
    ]
  >([
    ['seed', [visible('0')], refused, ['0'], []],
    [
      'v1.5',
      [visible('0')],
      refused,
      undefined,
      [
        'Ignoring devices specified in NVIDIA_VISIBLE_DEVICES (privileged=false, accept-nvidia-visible-devices-envvar-when-unprivileged=false) ',
      ],
    ],
    ['v1.5', [visible('0')], { ...refused, privileged: true }, ['0'], []],
    ['v1.5', [visible('void')], refused, undefined, []],
    [
      'current',
      [visible('0')],
      refused,
      undefined,
      [
        'Ignoring devices requested by environment variable(s) in unprivileged container: [NVIDIA_VISIBLE_DEVICES]',
      ],
    ],
    [
      'current',
      ['A=0', 'B=1'],
      { config: { ...refused.config, swarmResource: 'B,A,C' } },
      undefined,
      ['Ignoring devices requested by environment variable(s) in unprivileged container: [B A]'],
    ],
    [
      'current',
      ['CUDA_VERSION=8.0'],
      refused,
      undefined,
      [
        'Ignoring devices requested by environment variable(s) in unprivileged container: [NVIDIA_VISIBLE_DEVICES]',
      ],
    ],
    ['current', [visible('0')], { ...refused, privileged: true }, ['0'], []],
    ['current', [visible('')], refused, undefined, []],
  ])('%s: %j where variables count only for the privileged', (profile, env, asked, devices, messages) => {
    const { config, messages: said, origins } = answer(profile, { ...asked, env });
    expect(config?.devices).toEqual(devices);
    expect(said.map(({ text }) => text)).toEqual(messages);
    expect(origins.devices?.note?.includes('not privileged') ?? false).toBe(messages.length > 0);
  });
});

describe('devices by mounts', () => {
  const config = { acceptVolumeMounts: true };
  test.each<
    [mounts: Asked['mounts'], v15: readonly string[] | undefined, current: readonly string[] | undefined]
  >([
    [[`${FOLDER}/GPU0`], ['GPU0'], ['GPU0']],
    [
      [`${FOLDER}/GPU1`, `${FOLDER}/GPU0`],
      ['GPU1', 'GPU0'],
      ['GPU1', 'GPU0'],
    ],
    [[`${FOLDER}/GPU0`, `${FOLDER}//GPU0/`], ['GPU0', 'GPU0'], ['GPU0']],
    [[`/var/run/x/../nvidia-container-devices//GPU0/.`], ['GPU0'], ['GPU0']],
    [[`${FOLDER}/GPU0-MIG0/0/1`], ['GPU0-MIG0/0/1'], ['GPU0-MIG0/0/1']],
    [[FOLDER], ['env'], ['env']],
    [[`${FOLDER}/`], ['env'], ['env']],
    [[`${FOLDER}GPU0`], ['env'], ['env']],
    [['/run/nvidia-container-devices/GPU0'], ['env'], ['env']],
    [[{ source: '/dev/null/../null', destination: `${FOLDER}/G` }], ['G'], ['G']],
    [[{ source: '//dev/./null', destination: `${FOLDER}/G` }], ['G'], ['G']],
    [[{ source: '/dev/zero', destination: `${FOLDER}/G` }], ['env'], ['env']],
    [[{ destination: `${FOLDER}/G` }], ['env'], ['env']],
    [[`${FOLDER}/all`], ['all'], ['all']],
    [[`${FOLDER}/none`], ['none'], ['none']],
    [[`${FOLDER}/cdi/nvidia.com/gpu/0`], ['cdi/nvidia.com/gpu/0'], ['nvidia.com/gpu=0']],
    [[`${FOLDER}/cdi/nvidia.com/gpu=0`], ['cdi/nvidia.com/gpu=0'], ['nvidia.com/gpu=0']],
    [[`${FOLDER}/cdi/a.com/b/c/d`], ['cdi/a.com/b/c/d'], ['a.com/b=c/d']],
    [[`${FOLDER}/cdi/foo`], ['cdi/foo'], ['env']],
    [[`${FOLDER}/cdi/foo`, `${FOLDER}/1`], ['cdi/foo', '1'], ['1']],
    [[`${FOLDER}/imex/0`], ['imex/0'], ['env']],
    [[`${FOLDER}/imex/0`, `${FOLDER}/1`], ['imex/0', '1'], ['1']],
  ])('%j', (mounts, ...expected) => {
    const asked = { env: [visible('env')], mounts: mounts ?? [] };
    const found = (['v1.5', 'current'] as const).map(
      (profile) => answer(profile, { ...asked, config }).config?.devices,
    );
    expect(found).toEqual(expected);
    for (const profile of ['v1.5', 'current'] as const) {
      expect(answer(profile, asked).config?.devices).toEqual(['env']);
    }
    expect(answer('seed', { ...asked, config }).config?.devices).toEqual(['env']);
  });

  test('no privilege is asked for, and where they come from is told', () => {
    const mounts = [`${FOLDER}/1`, `${FOLDER}/0`];
    const unprivileged = { ...config, acceptEnvironmentWhenUnprivileged: false };
    const { config: found, origins } = answer('current', { mounts, config: unprivileged });
    expect(found?.devices).toEqual(['1', '0']);
    expect(origins.devices).toEqual({ from: 'mounts', destinations: mounts });
  });

  test('a mount that asks for no CDI device is warned of', () => {
    const { messages } = answer('current', { mounts: [`${FOLDER}/cdi/a/b`], config });
    expect(messages).toEqual([
      {
        level: 'warning',
        text: 'Ignoring invalid mount request for CDI device cdi/a/b: invalid mount CDI device request: cdi/a/b',
      },
    ]);
  });
});

describe('IMEX channels', () => {
  const accept = { acceptVolumeMounts: true };
  const imex = (value: string) => `NVIDIA_IMEX_CHANNELS=${value}`;
  const features = { ...nvidiaHookDefaults('current').features, ignoreImexChannelRequests: true };
  test.each<[env: readonly string[], asked: Asked, channels: readonly string[], note: string]>([
    [[imex('0,1')], {}, ['0', '1'], 'listed'],
    [[imex(' 1 ,1')], {}, ['1'], 'trimmed, once'],
    [[imex('all')], {}, [], 'all alone is what a legacy image would ask for'],
    [[imex('none')], {}, [], 'none'],
    [[imex('void')], {}, [], 'void'],
    [[], {}, [], 'unset'],
    [['CUDA_VERSION=8.0'], {}, [], 'unset in a legacy image'],
    [[imex('0')], { config: { features } }, [], 'ignored by configuration'],
    [[imex('0')], { mounts: [`${FOLDER}/imex/5`], config: accept }, ['5'], 'mounts win'],
    [[imex('0')], { mounts: [`${FOLDER}/imex/5`] }, ['0'], 'mounts do not count'],
  ])('%j %j: %j, %s', (env, asked, channels) => {
    const all = { ...asked, env: [visible('9'), ...env] };
    expect(answer('current', all).config?.imexChannels).toEqual(channels);
    expect(answer('v1.5', { env: all.env }).config?.imexChannels).toEqual([]);
  });

  test('a container that is not privileged is warned where variables do not count', () => {
    const config = { ...accept, acceptEnvironmentWhenUnprivileged: false };
    const found = answer('current', { env: [imex('0')], mounts: [`${FOLDER}/9`], config });
    expect(found.config?.imexChannels).toEqual([]);
    expect(found.messages.map(({ text }) => text)).toEqual([
      'Ignoring request by environment variable(s) in unprivileged container: [NVIDIA_IMEX_CHANNELS]',
    ]);
  });

  test('alone they make no GPU container', () => {
    expect(answer('current', { env: [imex('0')] }).config).toBeUndefined();
  });
});

describe('properties', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9-]{1,5}$/);
  const list = fc.array(fc.oneof(name, fc.constantFrom('all', 'none', 'void', '', ' ')), { maxLength: 6 });

  test('current: no device is empty, padded, or there twice, and special names stand alone', () => {
    fc.assert(
      fc.property(list, (names) => {
        const devices = answer('current', { env: [visible(names.join(','))] }).config?.devices ?? [];
        expect(new Set(devices).size).toBe(devices.length);
        for (const device of devices) expect(device).toMatch(/^\S+$/);
        expect(devices).not.toContain('none');
        expect(devices).not.toContain('void');
        if (devices.includes('all')) expect(devices).toEqual(['all']);
      }),
    );
  });

  test('asking for what one has got gives the same', () => {
    fc.assert(
      fc.property(list, (names) => {
        const first = answer('current', { env: [visible(names.join(','))] }).config?.devices;
        if (first === undefined || first.length === 0) return;
        expect(answer('current', { env: [visible(first.join(','))] }).config?.devices).toEqual(first);
      }),
    );
  });

  test('without privilege, and where variables do not count, no variable makes a GPU container', () => {
    const config = { acceptEnvironmentWhenUnprivileged: false };
    const env = fc.array(fc.tuple(fc.constantFrom('NVIDIA_VISIBLE_DEVICES', 'CUDA_VERSION', 'X'), name), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(env, fc.constantFrom('v1.5' as const, 'current' as const), (entries, profile) => {
        const asked = { env: entries.map((entry) => entry.join('=')), config };
        expect(answer(profile, asked).config).toBeUndefined();
      }),
    );
  });
});
