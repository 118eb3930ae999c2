import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  getNvidiaConfig,
  type NvidiaAnswer,
  type NvidiaHookConfig,
  type NvidiaProfile,
  type NvidiaSpec,
  nvidiaCliArguments,
  nvidiaHookDefaults,
} from '../../src/index.js';

interface Container {
  readonly env?: readonly string[];
  readonly ociVersion?: string;
  readonly capabilities?: unknown;
  readonly config?: Partial<NvidiaHookConfig>;
}

/** What a container gets that asks for device 0. */
function answer(profile: NvidiaProfile, container: Container = {}): NvidiaAnswer {
  const { env = [], ociVersion = '1.2.0', capabilities, config } = container;
  const spec: NvidiaSpec = {
    ociVersion,
    process: { env: ['NVIDIA_VISIBLE_DEVICES=0', ...env], capabilities },
    root: { path: 'r' },
  };
  return getNvidiaConfig(spec, { ...nvidiaHookDefaults(profile), ...config }, profile);
}

const refusal = (message: string, code = 'ERR_NVIDIA_REQUEST') => expect.objectContaining({ code, message });

describe('privilege', () => {
  const set = { bounding: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] };
  const list = ['CAP_SYS_ADMIN'];
  test.each<[version: string, capabilities: unknown, privileged: boolean]>([
    ['1.2.0', set, true],
    ['1.2.0', undefined, false],
    ['1.2.0', null, false],
    ['1.2.0', {}, false],
    ['1.2.0', { bounding: null }, false],
    ['1.2.0', { bounding: ['SYS_ADMIN', 'cap_sys_admin'] }, false],
    ['1.2.0', { effective: list, permitted: list, inheritable: list, ambient: list }, false],
    ['1.2.0', { Bounding: list }, true],
    ['bogus', set, true],
    ['', set, true],
    ['0.9.0', set, true],
    ['1.0.0-rc0', set, true],
    ['1.0.0-rc5', set, true],
    ['1.0', set, true],
    ['v1.0.0-rc1', set, true],
    ['1.0.0-rc1', list, true],
    ['1.0.0-rc2-dev', list, true],
    ['1.0.0-rc3', list, true],
    ['1.0.0-rc4', ['CAP_CHOWN', null], false],
    ['1.0.0-rc1.1', list, true],
    ['1.0.0-rc4+build', list, true],
    // By text, not by number: that is how Semantic Versioning has it.
    ['1.0.0-rc10', list, true],
  ])('%s %j', (ociVersion, capabilities, privileged) => {
    expect(answer('current', { ociVersion, capabilities }).isPrivileged).toBe(privileged);
    expect(answer('seed', { ociVersion, capabilities }).isPrivileged).toBe(privileged);
  });

  test.each<[version: string, capabilities: unknown, found: string]>([
    ['1.2.0', list, 'array into Go value of type specs.LinuxCapabilities'],
    ['1.2.0', 'x', 'string into Go value of type specs.LinuxCapabilities'],
    ['1.2.0', true, 'bool into Go value of type specs.LinuxCapabilities'],
    ['1.2.0', 7, 'number into Go value of type specs.LinuxCapabilities'],
    ['1.2.0', { bounding: 'x' }, 'string into Go struct field LinuxCapabilities.bounding of type []string'],
    ['1.2.0', { effective: [1] }, 'number into Go struct field LinuxCapabilities.effective of type string'],
    ['1.0.0-rc4', set, 'object into Go value of type []string'],
    ['1.0.0-rc4', ['a', 1], 'number into Go value of type string'],
  ])('%s %j is refused, also where no GPU is asked for', (ociVersion, capabilities, found) => {
    const message = `could not decode Process.Capabilities in OCI spec: json: cannot unmarshal ${found}`;
    const env = ['NVIDIA_VISIBLE_DEVICES=void'];
    expect(() => answer('current', { ociVersion, capabilities, env })).toThrow(
      refusal(message, 'ERR_NVIDIA_SPEC'),
    );
    const older = message.replace('specs.', 'main.');
    expect(() => answer('v1.5', { ociVersion, capabilities, env })).toThrow(
      refusal(older, 'ERR_NVIDIA_SPEC'),
    );
  });

  test('of two things wrong each release tells the first that it comes to', () => {
    const both = { env: ['PATH'], capabilities: [] };
    expect(() => answer('current', both)).toThrow(/^could not decode Process.Capabilities/);
    expect(() => answer('seed', both)).toThrow(refusal('environment error', 'ERR_NVIDIA_SPEC'));
    expect(() => answer('current', { env: ['PATH'] })).toThrow(
      refusal('invalid environment variable: PATH', 'ERR_NVIDIA_SPEC'),
    );
  });
});

describe('MIG', () => {
  const capabilities = { bounding: ['CAP_SYS_ADMIN'] };
  test.each([
    ['CONFIG', 'migConfigDevices'],
    ['MONITOR', 'migMonitorDevices'],
  ] as const)('%s is for the privileged', (name, member) => {
    const env = [`NVIDIA_MIG_${name}_DEVICES=all`];
    expect(answer('current', { env, capabilities }).config?.[member]).toBe('all');
    for (const profile of ['seed', 'v1.5', 'current'] as const) {
      const message = `cannot set MIG_${name}_DEVICES in non privileged container`;
      expect(() => answer(profile, { env })).toThrow(refusal(message));
      expect(answer(profile, { env: [...env, 'NVIDIA_VISIBLE_DEVICES=void'] }).config).toBeUndefined();
      expect(answer(profile, { env: [`NVIDIA_MIG_${name}_DEVICES=`] }).config?.[member]).toBe('');
    }
  });

  test('config is told before monitor', () => {
    const env = ['NVIDIA_MIG_MONITOR_DEVICES=all', 'NVIDIA_MIG_CONFIG_DEVICES=all'];
    expect(() => answer('current', { env })).toThrow(/MIG_CONFIG_DEVICES/);
  });
});

describe('driver capabilities', () => {
  const classic = 'compute,compat32,graphics,utility,video,display,ngx';
  const sorted = 'compat32,compute,display,graphics,ngx,utility,video';
  const legacy = 'CUDA_VERSION=8.0';
  const caps = (text: string) => `NVIDIA_DRIVER_CAPABILITIES=${text}`;
  test.each<[env: readonly string[], seed: string, v15: string, current: string]>([
    [[], 'utility', 'utility,compute', 'compute,utility'],
    [[caps('')], 'utility', 'utility,compute', 'compute,utility'],
    [[legacy], classic, classic, sorted],
    [[legacy, caps('')], 'utility', 'utility,compute', 'compute,utility'],
    [[caps('all')], classic, classic, sorted],
    [[caps('video,display')], 'video,display', 'video,display', 'display,video'],
    [[caps('video,video')], 'video,video', 'video,video', 'video'],
    [[caps(' ')], ' ', ' ', ''],
    [[caps('ngx, all')], 'ngx, all', 'ngx, all', sorted],
  ])('%j', (env, ...expected) => {
    const found = (['seed', 'v1.5', 'current'] as const).map(
      (profile) => answer(profile, { env }).config?.driverCapabilities,
    );
    expect(found).toEqual(expected);
  });

  test.each([
    ['bogus', sorted, "unsupported capabilities found in 'bogus' (allowed '')"],
    ['video,compute', 'compute', "unsupported capabilities found in 'compute,video' (allowed 'compute')"],
    ['none', sorted, "unsupported capabilities found in 'none' (allowed '')"],
    ['compute', '', "unsupported capabilities found in 'compute' (allowed '')"],
  ])('%s where %s is supported is refused', (text, supportedDriverCapabilities, message) => {
    const config = { supportedDriverCapabilities };
    expect(() => answer('current', { env: [caps(text)], config })).toThrow(refusal(message));
    expect(answer('v1.5', { env: [caps(text)], config }).config?.driverCapabilities).toBe(text);
  });

  test.each([
    ['compute,,utility', ['--compute']],
    [',compute', []],
    ['compute,compute', ['--compute', '--compute']],
  ])('before current, flags of %j end at the first empty element', (text, flags) => {
    const { config } = answer('seed', { env: [caps(text)] });
    if (config === undefined) throw new Error('no GPU container');
    const target = { pid: 1n, rootfs: '/r', debug: false };
    const args = nvidiaCliArguments(config, nvidiaHookDefaults('seed'), target, 'seed');
    expect(args.slice(3, -2)).toEqual(flags);
  });
});

describe('requirements', () => {
  const all = ['NVIDIA_REQUIRE_B=1', 'NVIDIA_REQUIRE_=0', 'NVIDIA_REQUIREX=no', 'NVIDIA_REQUIRE_JETPACK_X=5'];
  test.each<[profile: NvidiaProfile, env: readonly string[], requirements: readonly string[]]>([
    ['current', ['NVIDIA_REQUIRE_A=z', 'NVIDIA_REQUIRE_B=a'], ['a', 'z']],
    ['seed', all, ['0', '1', '5']],
    ['v1.5', all, ['0', '1', '5']],
    ['current', all, ['0', '1']],
    ['current', ['CUDA_VERSION=8.0.61', 'NVIDIA_REQUIRE_X=zz'], ['zz', 'cuda>=8.0']],
    [
      'current',
      ['NVIDIA_REQUIRE_CUDA=cuda>=12.0 brand=tesla', 'CUDA_VERSION=no'],
      ['cuda>=12.0 brand=tesla'],
    ],
    ['seed', ['NVIDIA_REQUIRE_A=1', 'NVIDIA_DISABLE_REQUIRE=1'], ['1']],
    ['current', ['NVIDIA_REQUIRE_A=1', 'NVIDIA_DISABLE_REQUIRE=1'], []],
    ['current', ['CUDA_VERSION=no', 'NVIDIA_DISABLE_REQUIRE=1'], []],
  ])('%s %j', (profile, env, requirements) => {
    expect(answer(profile, { env }).config?.requirements).toEqual(requirements);
  });

  test.each([
    ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
    ...['', '0', 'f', 'yes', 'on', 'tRUE', 'true '].map((text) => [text, false] as const),
  ])('NVIDIA_DISABLE_REQUIRE=%j: %s', (text, disabled) => {
    const env = [`NVIDIA_DISABLE_REQUIRE=${text}`];
    for (const profile of ['seed', 'v1.5', 'current'] as const) {
      expect(answer(profile, { env }).config?.disableRequire).toBe(disabled);
      expect(answer(profile, { env, config: { disableRequire: true } }).config?.disableRequire).toBe(true);
    }
  });

  const current = (version: string, why: string) =>
    `failed to get requirements failed to get version: invalid CUDA version ${version}: ${why}`;
  const NONE = 'invalid version string: invalid semantic version';
  test.each<[version: string, classic: string | undefined, current: string]>([
    ['8', '8.0', '8.0'],
    ['7.5', '7.5', '7.5'],
    ['9.0.116', '9.0', '9.0'],
    ['09.01', '9.1', '9.1'],
    ['4294967295.4294967295.4294967295', '4294967295.4294967295', '4294967295.4294967295'],
    [' 9.0', '9.0', NONE],
    ['9.0 ', '9.0', NONE],
    ['9. 0', '9.0', NONE],
    ['9 .0', undefined, NONE],
    ['9\n.x', '9.0', NONE],
    ['v11.6', undefined, '11.6'],
    ['vv11.6', undefined, NONE],
    ['11.6.1-rc1', undefined, '11.6'],
    ['11.6+meta', undefined, '11.6'],
    ['foo', undefined, NONE],
    ['9.0.116.50', undefined, NONE],
    ['9.0.116foo', undefined, NONE],
    ['9..0', undefined, NONE],
    ['9.', undefined, NONE],
    ['-9', undefined, NONE],
    ['+9', undefined, NONE],
    ['4294967296', undefined, 'invalid major version'],
    ['9.4294967296', undefined, 'invalid minor version'],
  ])('CUDA_VERSION=%j', (version, classic, now) => {
    const env = [`CUDA_VERSION=${version}`];
    const found = (profile: NvidiaProfile) => answer(profile, { env }).config?.requirements;
    for (const profile of ['seed', 'v1.5'] as const) {
      if (classic === undefined) {
        expect(() => found(profile)).toThrow(refusal(`invalid CUDA version: ${version}`));
      } else {
        expect(found(profile)).toEqual([`cuda>=${classic}`]);
      }
    }
    if (now.startsWith('invalid')) expect(() => found('current')).toThrow(refusal(current(version, now)));
    else expect(found('current')).toEqual([`cuda>=${now}`]);
  });
});

describe('where values come from', () => {
  test('is said of each', () => {
    const env = ['CUDA_VERSION=8.0', 'NVIDIA_REQUIRE_A=1', 'NVIDIA_DISABLE_REQUIRE=0'];
    expect(answer('seed', { env: [...env, 'DRG=7'], config: { swarmResource: 'DRG' } }).origins).toEqual({
      devices: {
        from: 'environment',
        variables: ['NVIDIA_VISIBLE_DEVICES'],
        note: expect.stringContaining('takes the last variable'),
      },
      migConfigDevices: { from: 'default' },
      migMonitorDevices: { from: 'default' },
      imexChannels: { from: 'default' },
      driverCapabilities: { from: 'legacy-image', variables: ['CUDA_VERSION'] },
      requirements: { from: 'environment', variables: ['NVIDIA_REQUIRE_A', 'CUDA_VERSION'] },
      disableRequire: { from: 'environment', variables: ['NVIDIA_DISABLE_REQUIRE'] },
    });
    expect(answer('current', { config: { disableRequire: true } }).origins.disableRequire).toEqual({
      from: 'configuration',
      keys: ['disable-require'],
    });
    expect(answer('current', { env: ['NVIDIA_DRIVER_CAPABILITIES=all'] }).origins.driverCapabilities).toEqual(
      {
        from: 'environment',
        variables: ['NVIDIA_DRIVER_CAPABILITIES'],
        keys: ['supported-driver-capabilities'],
      },
    );
  });

  test('the order of the environment does not matter, but for two entries of one name', () => {
    const entries = fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('CUDA_VERSION', 'NVIDIA_REQUIRE_A', 'NVIDIA_REQUIRE_B', 'X'),
        fc.constantFrom('1', '2'),
      ),
      { selector: ([name]) => name },
    );
    fc.assert(
      fc.property(
        entries,
        fc.constantFrom('seed' as const, 'v1.5' as const, 'current' as const),
        (found, profile) => {
          const env = found.map((entry) => entry.join('='));
          expect(answer(profile, { env: [...env].reverse() })).toEqual(answer(profile, { env }));
        },
      ),
    );
  });
});
