import { DeviceError } from '../device-error.js';
import { classicDevices } from './classic-devices.js';
import { type ContainerEnvironment, containerEnvironment } from './container-environment.js';
import type { NvidiaSpec } from './container-spec.js';
import { currentDevices, imexChannels } from './current-devices.js';
import type { DeviceRequest } from './device-request.js';
import { driverCapabilities } from './driver-capabilities.js';
import type { NvidiaHookConfig } from './hook-config.js';
import type { NvidiaMessage } from './nvidia-message.js';
import type { NvidiaOrigin, NvidiaValue } from './nvidia-origin.js';
import { isPrivileged } from './privilege.js';
import type { NvidiaProfile } from './profile.js';
import { requirementsDisabled, requirementsOf } from './requirements.js';

/** What a GPU container gets. */
export interface NvidiaConfig {
  /**
   * Indices, UUIDs, `all`, or names of CDI devices; empty for the driver without a device. Before `current`, the text of a
   * variable is one element, whatever it contains.
   */
  readonly devices: readonly string[];
  /** Empty if none. */
  readonly migConfigDevices: string;
  /** Empty if none. */
  readonly migMonitorDevices: string;
  /** Only for `current`. */
  readonly imexChannels: readonly string[];
  /** Comma-separated. Not checked before `current`: nvidia-container-cli gets no flag for an unknown one. */
  readonly driverCapabilities: string;
  /** In the language of nvidia-container-cli, such as `cuda>=12.0 brand=tesla`. */
  readonly requirements: readonly string[];
  /** Whether the requirements are not checked. */
  readonly disableRequire: boolean;
}

/** The result of {@link getNvidiaConfig}. */
export interface NvidiaAnswer {
  /** Absent if it is not a GPU container. */
  readonly config?: NvidiaConfig;
  readonly isPrivileged: boolean;
  /** The origin of each member of `config`; without a `config`, only that of `devices`. */
  readonly origins: Readonly<Partial<Record<keyof NvidiaConfig, NvidiaOrigin>>>;
  /** What the hook prints on stderr. */
  readonly messages: readonly NvidiaMessage[];
}

/**
 * Determines which GPUs and which parts of the driver a container gets, by the rules of the NVIDIA Container Runtime Hook.
 *
 * It is a pure function of the container, the configuration and the profile; nothing is looked up on the host.
 *
 * @param spec - the container's `config.json`
 * @param hookConfig - the `config.toml` of the toolkit, see {@link findNvidiaHookConfig}; without one,
 *   {@link nvidiaHookDefaults}
 * @param profile - the release to follow
 * @throws DeviceError `ERR_NVIDIA_SPEC` (an environment or capabilities that the hook cannot read), `ERR_NVIDIA_REQUEST` (the
 *   request is unknown, or not allowed), in upstream's words
 *
 * Source: cmd/nvidia-container-runtime-hook of the NVIDIA Container Toolkit at aec9a28b, v1.5.1 and v1.20.
 *
 * @example
 * ```ts
 * import { getNvidiaConfig, nvidiaHookDefaults } from '@opencontainers-ts/device-injector';
 *
 * const spec = {
 *   ociVersion: '1.2.0',
 *   process: { env: ['NVIDIA_VISIBLE_DEVICES=1,0'] },
 *   root: { path: 'rootfs' },
 * };
 * const { config, origins } = getNvidiaConfig(spec, nvidiaHookDefaults('current'), 'current');
 * console.log(config?.devices, config?.driverCapabilities); // [ '1', '0' ] compute,utility
 * console.log(origins.devices); // { from: 'environment', variables: [ 'NVIDIA_VISIBLE_DEVICES' ] }
 * ```
 */
export function getNvidiaConfig(
  spec: NvidiaSpec,
  hookConfig: NvidiaHookConfig,
  profile: NvidiaProfile = 'current',
): NvidiaAnswer {
  const { env, privileged } = readContainer(spec, profile);
  const request =
    profile === 'current'
      ? currentDevices(spec, env, hookConfig, privileged)
      : classicDevices(spec, env, hookConfig, privileged, profile);
  const { devices, messages } = request;
  if (devices === undefined) {
    return { isPrivileged: privileged, origins: { devices: request.origin }, messages };
  }
  const migConfigDevices = migDevices('MIG_CONFIG_DEVICES', env, privileged);
  const migMonitorDevices = migDevices('MIG_MONITOR_DEVICES', env, privileged);
  const imex: DeviceRequest =
    profile === 'current'
      ? imexChannels(spec, env, hookConfig, privileged)
      : { devices: undefined, origin: { from: 'default' }, messages: [] };
  const capabilities = driverCapabilities(env, hookConfig, profile);
  const disabled = requirementsDisabled(env, hookConfig);
  const requirements = requirementsOf(env, disabled.value, profile);
  return {
    config: {
      devices,
      migConfigDevices: migConfigDevices.value,
      migMonitorDevices: migMonitorDevices.value,
      imexChannels: imex.devices ?? [],
      driverCapabilities: capabilities.value,
      requirements: requirements.value,
      disableRequire: disabled.value,
    },
    isPrivileged: privileged,
    origins: {
      devices: request.origin,
      migConfigDevices: migConfigDevices.origin,
      migMonitorDevices: migMonitorDevices.origin,
      imexChannels: imex.origin,
      driverCapabilities: capabilities.origin,
      requirements: requirements.origin,
      disableRequire: disabled.origin,
    },
    messages: [...messages, ...imex.messages],
  };
}

/** Of two things wrong, each release tells the one that it comes to first. */
function readContainer(spec: NvidiaSpec, profile: NvidiaProfile) {
  if (profile === 'current') {
    const privileged = isPrivileged(spec, profile);
    return { env: containerEnvironment(spec, profile), privileged };
  }
  const env = containerEnvironment(spec, profile);
  return { env, privileged: isPrivileged(spec, profile) };
}

/** Whoever sets up or watches MIG sees all of a GPU, so that only privileged containers may. */
function migDevices(
  name: 'MIG_CONFIG_DEVICES' | 'MIG_MONITOR_DEVICES',
  env: ContainerEnvironment,
  privileged: boolean,
): NvidiaValue<string> {
  const variable = `NVIDIA_${name}`;
  const value = env.get(variable);
  if (value && !privileged) {
    throw new DeviceError('ERR_NVIDIA_REQUEST', `cannot set ${name} in non privileged container`);
  }
  return value === undefined
    ? { value: '', origin: { from: 'default' } }
    : { value, origin: { from: 'environment', variables: [variable] } };
}
