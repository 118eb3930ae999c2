import { capabilityFlags } from './driver-capabilities.js';
import type { NvidiaCliConfig, NvidiaHookConfig } from './hook-config.js';
import type { NvidiaConfig } from './nvidia-config.js';
import type { NvidiaProfile } from './profile.js';

/** The container that nvidia-container-cli is to set up. */
export interface CliTarget {
  /** The pid of the container's first process, in the pid namespace of the hook. */
  readonly pid: bigint;
  /** Absolute path. */
  readonly rootfs: string;
  /** The hook's flag `-debug`. */
  readonly debug: boolean;
}

/**
 * The arguments of nvidia-container-cli, without its name, in upstream's order.
 *
 * @throws DeviceError `ERR_NVIDIA_REQUEST` for an unknown driver capability
 *
 * @example
 * ```ts
 * import { getNvidiaConfig, nvidiaCliArguments, nvidiaHookDefaults } from '@opencontainers-ts/device-injector';
 *
 * const spec = { ociVersion: '1.2.0', process: { env: ['NVIDIA_VISIBLE_DEVICES=0'] }, root: { path: 'rootfs' } };
 * const hookConfig = nvidiaHookDefaults('seed');
 * const { config } = getNvidiaConfig(spec, hookConfig, 'seed');
 * const target = { pid: 42n, rootfs: '/b/rootfs', debug: false };
 * if (config !== undefined) console.log(nvidiaCliArguments(config, hookConfig, target, 'seed').join(' '));
 * // --load-kmods configure --device=0 --utility --pid=42 /b/rootfs
 * ```
 */
export function nvidiaCliArguments(
  config: NvidiaConfig,
  hookConfig: NvidiaHookConfig,
  { pid, rootfs, debug }: CliTarget,
  profile: NvidiaProfile,
): readonly string[] {
  const { cli } = hookConfig;
  const capabilities = capabilityFlags(config.driverCapabilities);
  return [
    ...globalFlags(hookConfig, debug, profile),
    'configure',
    ...(profile === 'current' ? compatFlags(hookConfig) : []),
    ...ldconfigFlag(cli, profile),
    ...when(cli.noCgroups, '--no-cgroups'),
    ...unlessEmpty('device', config.devices.join(',')),
    ...unlessEmpty('mig-config', config.migConfigDevices),
    ...unlessEmpty('mig-monitor', config.migMonitorDevices),
    ...unlessEmpty('imex-channel', config.imexChannels.join(',')),
    ...capabilities,
    ...(config.disableRequire ? [] : config.requirements.map((requirement) => `--require=${requirement}`)),
    // Go makes it unsigned, also where a state holds something that is no pid.
    `--pid=${BigInt.asUintN(64, pid)}`,
    rootfs,
  ];
}

function globalFlags(
  { cli, features }: NvidiaHookConfig,
  debug: boolean,
  profile: NvidiaProfile,
): readonly string[] {
  return [
    ...ifSet('root', cli.root),
    ...when(cli.loadKmods, '--load-kmods'),
    ...when(profile === 'current' && features.disableImexChannelCreation, '--no-create-imex-channels'),
    ...when(cli.noPivot, '--no-pivot'),
    ...ifSet('debug', debug ? '/dev/stderr' : cli.debug),
    ...ifSet('ldcache', cli.ldcache),
    ...ifSet('user', cli.user),
  ];
}

/** The libraries of CUDA that an image brings along are used only where nothing of the container is mounted for it. */
function compatFlags({ cudaCompatMode, features }: NvidiaHookConfig): readonly string[] {
  switch (cudaCompatMode) {
    case 'ldconfig':
    case 'mount':
      return [`--cuda-compat-mode=${cudaCompatMode}`];
    case 'disabled':
    case 'hook':
      return ['--cuda-compat-mode=disabled'];
    default:
      return when(!features.allowCudaCompatLibsFromContainer, '--cuda-compat-mode=disabled');
  }
}

function ldconfigFlag({ ldconfig }: NvidiaCliConfig, profile: NvidiaProfile): readonly string[] {
  return profile === 'current' ? unlessEmpty('ldconfig', ldconfig ?? '') : ifSet('ldconfig', ldconfig);
}

const when = (condition: boolean, flag: string): readonly string[] => (condition ? [flag] : []);
const ifSet = (name: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`--${name}=${value}`];
const unlessEmpty = (name: string, value: string): readonly string[] =>
  when(value !== '', `--${name}=${value}`);
