import { describe, expect, test } from '@jest/globals';
import { driverCapabilities, type GpuRequest, gpuRequest, visibleGpus } from '../../src/index.js';

const VISIBLE = 'NVIDIA_VISIBLE_DEVICES';
const refused = expect.objectContaining({ code: 'ERR_GPU_REQUEST' });

describe('a request for GPUs', () => {
  const specOf = (env: readonly string[], rest: Parameters<typeof gpuRequest>[0] = {}) => ({
    process: { cwd: '/', env: env.map((value) => `${VISIBLE}=${value}`) },
    ...rest,
  });
  const device = { linux: { devices: [{ type: 'c' as const, path: '/dev/nvidiactl' }] } };
  const legacy = { hooks: { prestart: [{ path: '/usr/bin/nvidia-container-runtime-hook' }] } };
  const cdi = { hooks: { createContainer: [{ path: '/usr/bin/nvidia-cdi-hook' }] } };
  const both = { hooks: { ...legacy.hooks, ...cdi.hooks } };

  test.each<[string, Parameters<typeof gpuRequest>[0], GpuRequest | undefined]>([
    ['nothing', {}, undefined],
    ['a variable alone', specOf(['all']), undefined],
    ['a device', device, { by: 'device', visible: '' }],
    ['a device with a variable', specOf(['void'], device), { by: 'device', visible: 'void' }],
    ['another device', { linux: { devices: [{ type: 'c' as const, path: '/dev/nvidia0' }] } }, undefined],
    ['the legacy hook', specOf(['0'], legacy), { by: 'legacy-hook', visible: '0' }],
    ['the legacy hook and none', specOf(['none'], legacy), { by: 'legacy-hook', visible: 'none' }],
    ['the legacy hook, the last entry', specOf(['0', 'all'], legacy), { by: 'legacy-hook', visible: 'all' }],
    ['the legacy hook and void', specOf(['0', 'void'], legacy), undefined],
    ['the legacy hook and nothing', specOf([''], legacy), undefined],
    ['the legacy hook without a variable', legacy, undefined],
    ['the hook of CDI', specOf(['1'], cdi), { by: 'cdi-hook', visible: '1' }],
    ['the hook of CDI and a void after', specOf(['1', 'void'], cdi), { by: 'cdi-hook', visible: '1' }],
    ['the hook of CDI and only void', specOf(['void'], cdi), undefined],
    ['the hook of CDI and two voids', specOf(['1', 'void', 'void'], cdi), undefined],
    ['the hook of CDI and a void before', specOf(['void', '1'], cdi), { by: 'cdi-hook', visible: '1' }],
    ['both hooks', specOf(['1', 'void'], both), { by: 'cdi-hook', visible: '1' }],
    [
      'a hook of another place',
      specOf(['0'], { hooks: { poststart: legacy.hooks.prestart, prestart: cdi.hooks.createContainer } }),
      undefined,
    ],
    [
      'a hook of another name',
      specOf(['0'], { hooks: { prestart: [{ path: 'nvidia-container-runtime-hook' }] } }),
      undefined,
    ],
  ])('%s', (_name, spec, request) => {
    expect(gpuRequest(spec)).toEqual(request);
  });

  test('the flag for Docker is as good as the legacy hook', () => {
    expect(gpuRequest(specOf(['0']), { nvproxyDocker: true })).toEqual({ by: 'legacy-hook', visible: '0' });
    expect(gpuRequest(specOf([]), { nvproxyDocker: true })).toBeUndefined();
  });
});

describe('visible GPUs', () => {
  test.each([
    ['all', 'all'],
    ['none', []],
    ['0', ['0']],
    ['4294967295,00', ['4294967295', '00']],
    ['GPU-fef8089b,1', ['GPU-fef8089b', '1']],
  ])('%s', (value, gpus) => {
    expect(visibleGpus(value)).toEqual(gpus);
  });

  test.each([
    '',
    '0,',
    ' 0',
    '+1',
    '-1',
    '4294967296',
    '1_0',
    '0x1',
    'gpu-1',
    '0,all',
    'nvidia.com/gpu=0',
    'MIG-1',
  ])('%j is refused', (value) => {
    expect(() => visibleGpus(value)).toThrow(refused);
  });
});

describe('parts of the driver', () => {
  const asks = (value: string) => [`NVIDIA_DRIVER_CAPABILITIES=${value}`];
  const wide = ['video', 'graphics', 'utility', 'compute'] as const;

  test.each<[readonly string[], Parameters<typeof driverCapabilities>[1], readonly string[]]>([
    [[], undefined, ['compute', 'utility']],
    [[], ['utility', 'video'], ['utility']],
    [asks(''), wide, ['compute', 'utility']],
    [['CUDA_VERSION=8.0'], wide, ['compute', 'graphics', 'utility', 'video']],
    [['CUDA_VERSION=8.0', 'NVIDIA_REQUIRE_CUDA='], ['video'], ['video']],
    [['CUDA_VERSION=9.0', 'NVIDIA_REQUIRE_CUDA=cuda>=9'], wide, ['compute', 'utility']],
    [['CUDA_VERSION=8.0', ...asks('')], wide, ['compute', 'utility']],
    [['CUDA_VERSION='], wide, ['compute', 'utility']],
    [asks('all'), ['video', 'compute'], ['compute', 'video']],
    [asks('video,all'), ['compute'], ['compute']],
    [asks(' utility , ,compute,utility'), undefined, ['compute', 'utility']],
    [asks(','), undefined, []],
    [[...asks('video'), ...asks('utility')], undefined, ['utility']],
  ])('%j with %j: %j', (env, allowed, capabilities) => {
    expect(driverCapabilities(env, allowed)).toEqual(capabilities);
  });

  test.each(['video', 'utility,graphics', 'Compute', 'utility,x', 'all,x'])('%j is refused', (value) => {
    expect(() => driverCapabilities(asks(value))).toThrow(refused);
  });
});
