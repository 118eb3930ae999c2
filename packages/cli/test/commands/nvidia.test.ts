import { describe, expect, test } from '@jest/globals';

import { ociwrap } from '../../src/main/ociwrap.js';
import { machine } from '../machine.js';
import { testWorld } from './world.js';

interface Given {
  readonly env?: readonly string[];
  readonly toml?: string;
  readonly capabilities?: object;
  readonly mounts?: readonly object[];
}

async function nvidia(given: Given, ...args: readonly string[]) {
  const spec = {
    ociVersion: '1.2.0',
    process: { env: given.env ?? [], capabilities: given.capabilities },
    root: { path: 'rootfs' },
    mounts: given.mounts,
  };
  const files = {
    '/b/config.json': JSON.stringify(spec),
    ...(given.toml === undefined ? {} : { '/etc/nvidia-container-runtime/config.toml': given.toml }),
  };
  const { world } = testWorld({ host: machine({ files }) });
  return ociwrap(['nvidia', 'config', '--bundle', '/b', ...args], world);
}

describe('ociwrap nvidia config', () => {
  test('says what a container gets, and where each value comes from', async () => {
    const { status, stdout } = await nvidia({
      env: ['NVIDIA_VISIBLE_DEVICES=1,0', 'NVIDIA_REQUIRE_CUDA=cuda>=12'],
      toml: 'disable-require = true\n[nvidia-container-cli]\nno-cgroups = true\n',
    });
    expect(status).toBe(0);
    expect(String(stdout).split('\n')).toEqual([
      'profile current  # default',
      'config.toml: /etc/nvidia-container-runtime/config.toml, which sets disable-require, nvidia-container-cli.no-cgroups',
      'a GPU container, not privileged',
      '  devices = ["1","0"]                     # NVIDIA_VISIBLE_DEVICES',
      '  migConfigDevices = ""                   # default',
      '  migMonitorDevices = ""                  # default',
      '  imexChannels = []                       # default',
      '  driverCapabilities = "compute,utility"  # default',
      '  requirements = []                       # default',
      '  disableRequire = true                   # config.toml: disable-require',
      'nvidia-container-cli --load-kmods configure --cuda-compat-mode=ldconfig --ldconfig=@/sbin/ldconfig --no-cgroups --device=1,0 --compute --utility /b/rootfs',
      "the hook says: Auto-detected mode as 'legacy'",
      '',
    ]);
  });

  test.each<[given: Given, args: readonly string[], said: readonly string[]]>([
    [{}, [], ['no GPU container, not privileged: the hook does nothing', '  devices = null  # default']],
    [{ env: ['NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0'] }, [], ['mode cdi: the hook refuses']],
    [
      { env: ['CUDA_VERSION=8.0'] },
      ['--profile', 'seed'],
      ['profile seed  # --profile', 'CUDA_VERSION without NVIDIA_REQUIRE_CUDA'],
    ],
    [
      { capabilities: { bounding: ['CAP_SYS_ADMIN'] } },
      [],
      ['no GPU container, privileged: the hook does nothing'],
    ],
    [
      {
        toml: 'accept-nvidia-visible-devices-as-volume-mounts = true',
        mounts: [{ source: '/dev/null', destination: '/var/run/nvidia-container-devices/GPU0' }],
      },
      [],
      ['# mounts at /var/run/nvidia-container-devices/GPU0'],
    ],
    [
      {
        env: ['NVIDIA_VISIBLE_DEVICES=0'],
        toml: 'accept-nvidia-visible-devices-envvar-when-unprivileged = false',
      },
      [],
      [
        '# NVIDIA_VISIBLE_DEVICES; ignored: the container is not privileged',
        'the hook says: Ignoring devices requested',
      ],
    ],
    [
      { env: ['NVIDIA_VISIBLE_DEVICES=0', 'NVIDIA_DRIVER_CAPABILITIES=all'] },
      [],
      ['# NVIDIA_DRIVER_CAPABILITIES, supported-driver-capabilities'],
    ],
    [{ env: ['NVIDIA_VISIBLE_DEVICES=\u001b[2J'] }, ['--profile', 'v1.5'], ['\\u001b[2J']],
  ])('%j %j', async (given, args, said) => {
    const { status, stdout } = await nvidia(given, ...args);
    expect(status).toBe(0);
    for (const text of said) expect(stdout).toContain(text);
    expect(stdout).not.toContain('\u001b');
  });

  test('gives the same as data', async () => {
    const { stdout } = await nvidia({ env: ['NVIDIA_VISIBLE_DEVICES=0'] }, '--json');
    expect(JSON.parse(String(stdout))).toMatchObject({
      profile: { value: 'current', origin: 'default' },
      configFile: { path: null, keys: [] },
      isGpuContainer: true,
      isPrivileged: false,
      mode: 'legacy',
      values: expect.arrayContaining([
        {
          name: 'devices',
          value: ['0'],
          origin: { from: 'environment', variables: ['NVIDIA_VISIBLE_DEVICES'] },
        },
      ]),
      arguments: expect.arrayContaining(['configure', '--device=0', '/b/rootfs']),
    });
  });

  test.each<[given: Given, args: readonly string[], status: number, code: string]>([
    [{ env: ['NVIDIA_VISIBLE_DEVICES=0', 'NVIDIA_MIG_CONFIG_DEVICES=all'] }, [], 1, 'ERR_NVIDIA_REQUEST'],
    [{ env: ['PATH'] }, [], 1, 'ERR_NVIDIA_SPEC'],
    [{ toml: 'nvidia-container-cli.ldconfig = "/x"' }, [], 1, 'ERR_NVIDIA_CONFIG'],
    [{}, ['--config', '/no'], 1, 'ERR_NVIDIA_CONFIG'],
    [{}, ['--profile', 'v2'], 2, 'ERR_USAGE'],
  ])('%j %j is refused', async (given, args, status, code) => {
    const output = await nvidia(given, ...args);
    expect(output).toMatchObject({ status, stderr: expect.stringContaining(`[${code}]`) });
  });
});
