import { CUDA_VERSION } from '../nvidia-requests.js';
import type { ContainerEnvironment } from './container-environment.js';
import { cudaRequirement } from './cuda-version.js';
import type { NvidiaHookConfig } from './hook-config.js';
import type { NvidiaValue } from './nvidia-origin.js';
import type { NvidiaProfile } from './profile.js';

const PREFIX = 'NVIDIA_REQUIRE_';
/** Of images for Jetson: later releases do not ask the driver about it. */
const JETPACK = 'NVIDIA_REQUIRE_JETPACK';
const DISABLE = 'NVIDIA_DISABLE_REQUIRE';

/** What strconv.ParseBool of Go takes for true; everything else is false here. */
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** Whether requirements are not to be checked. */
export function requirementsDisabled(
  env: ContainerEnvironment,
  config: NvidiaHookConfig,
): NvidiaValue<boolean> {
  if (config.disableRequire) {
    return { value: true, origin: { from: 'configuration', keys: ['disable-require'] } };
  }
  const said = env.get(DISABLE);
  return said === undefined
    ? { value: false, origin: { from: 'default' } }
    : { value: TRUE.has(said), origin: { from: 'environment', variables: [DISABLE] } };
}

/**
 * What the container requires of driver and GPU, in the language of nvidia-container-cli: sorted, where upstream's order
 * is that of a Go map, and what a legacy image requires comes last.
 *
 * @throws DeviceError `ERR_NVIDIA_REQUEST` for a legacy image's CUDA_VERSION that is none
 */
export function requirementsOf(
  env: ContainerEnvironment,
  isDisabled: boolean,
  profile: NvidiaProfile,
): NvidiaValue<readonly string[]> {
  // Before release 1.14 they are put together, and CUDA_VERSION is judged, also where nobody asks for them.
  if (isDisabled && profile === 'current') return { value: [], origin: { from: 'default' } };
  const names = env.names
    .filter((name) => name.startsWith(PREFIX) && !(profile === 'current' && name.startsWith(JETPACK)))
    .sort();
  const written = names.map((name) => env.get(name) ?? '').sort();
  const legacy = env.isLegacyImage ? [cudaRequirement(env.get(CUDA_VERSION) ?? '', profile)] : [];
  const variables = [...names, ...(env.isLegacyImage ? [CUDA_VERSION] : [])];
  return {
    value: [...written, ...legacy],
    origin: variables.length === 0 ? { from: 'default' } : { from: 'environment', variables },
  };
}
