import type { NvidiaProfile } from './profile.js';

/**
 * The settings in a `config.toml` of the NVIDIA Container Toolkit that the hook uses, with the defaults of a profile for
 * those that it leaves out. A text that is not set is absent.
 */
export interface NvidiaHookConfig {
  readonly disableRequire: boolean;
  /** Names of variables that take precedence over `NVIDIA_VISIBLE_DEVICES`, unsplit: `current` splits them at commas. */
  readonly swarmResource?: string;
  /** Whether variables of an unprivileged container may request devices. */
  readonly acceptEnvironmentWhenUnprivileged: boolean;
  /** Whether mounts of /dev/null below `/var/run/nvidia-container-devices` may request devices. */
  readonly acceptVolumeMounts: boolean;
  /** Comma-separated; only for `current`. */
  readonly supportedDriverCapabilities: string;
  readonly cli: NvidiaCliConfig;
  /** `nvidia-container-runtime.mode`; only for `current`. */
  readonly mode: string;
  readonly skipModeDetection: boolean;
  readonly cudaCompatMode: string;
  readonly features: NvidiaFeatures;
}

/** The table `nvidia-container-cli`. */
export interface NvidiaCliConfig {
  /** The root folder of the driver on the host. */
  readonly root?: string;
  /** The program; looked up on PATH if absent. */
  readonly path?: string;
  /** Each `NAME=value`. */
  readonly environment: readonly string[];
  readonly debug?: string;
  readonly ldcache?: string;
  readonly loadKmods: boolean;
  readonly noPivot: boolean;
  readonly noCgroups: boolean;
  /** `USER:GROUP`. */
  readonly user?: string;
  /** The ldconfig program; with a leading `@`, a path on the host. */
  readonly ldconfig?: string;
}

/** The table `features`; only for `current`. */
export interface NvidiaFeatures {
  readonly allowCudaCompatLibsFromContainer: boolean;
  readonly allowLdconfigFromContainer: boolean;
  readonly disableImexChannelCreation: boolean;
  readonly ignoreImexChannelRequests: boolean;
}

/** All driver capabilities, in the order in which releases before 1.7 pass them on. */
export const DRIVER_CAPABILITIES = [
  'compute',
  'compat32',
  'graphics',
  'utility',
  'video',
  'display',
  'ngx',
] as const;

/**
 * The settings without a `config.toml`, except those that depend on the host: `ldconfig` and `user` of `current`.
 *
 * @example
 * ```ts
 * import { nvidiaHookDefaults } from '@opencontainers-ts/device-injector';
 *
 * console.log(nvidiaHookDefaults('current').cli.ldconfig); // @/sbin/ldconfig
 * console.log(nvidiaHookDefaults('seed').cli.ldconfig); // undefined
 * ```
 */
export function nvidiaHookDefaults(profile: NvidiaProfile): NvidiaHookConfig {
  return {
    disableRequire: false,
    acceptEnvironmentWhenUnprivileged: true,
    acceptVolumeMounts: false,
    supportedDriverCapabilities: [...DRIVER_CAPABILITIES].sort().join(','),
    cli: {
      environment: [],
      loadKmods: true,
      noPivot: false,
      noCgroups: false,
      ...(profile === 'current' ? { ldconfig: '@/sbin/ldconfig' } : {}),
    },
    mode: 'auto',
    skipModeDetection: false,
    cudaCompatMode: 'ldconfig',
    features: {
      allowCudaCompatLibsFromContainer: false,
      allowLdconfigFromContainer: false,
      disableImexChannelCreation: false,
      ignoreImexChannelRequests: false,
    },
  };
}
