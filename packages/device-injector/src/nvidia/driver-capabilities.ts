import { DeviceError } from '../device-error.js';
import { CUDA_VERSION } from '../nvidia-requests.js';
import type { ContainerEnvironment } from './container-environment.js';
import { DRIVER_CAPABILITIES, type NvidiaHookConfig } from './hook-config.js';
import type { NvidiaValue } from './nvidia-origin.js';
import type { NvidiaProfile } from './profile.js';

const VARIABLE = 'NVIDIA_DRIVER_CAPABILITIES';
const SUPPORTED_KEY = 'supported-driver-capabilities';

/** What a container gets that asks for nothing: CUDA itself only since release 1.4. */
const DEFAULTS = { seed: 'utility', 'v1.5': 'utility,compute', current: 'compute,utility' } as const;

/** The elements of a comma-separated list: trimmed, without empty ones, each once, in order. */
export function parseCapabilities(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== '');
}

/**
 * The driver capabilities of a GPU container, comma-separated.
 *
 * Before release 1.7 the text of the variable is passed on as it is; {@link capabilityFlags} then judges its elements.
 *
 * @throws DeviceError `ERR_NVIDIA_REQUEST` where `current` does not support what is asked for
 */
export function driverCapabilities(
  env: ContainerEnvironment,
  config: NvidiaHookConfig,
  profile: NvidiaProfile,
): NvidiaValue<string> {
  const asked = env.get(VARIABLE);
  const fromVariable = { from: 'environment', variables: [VARIABLE] } as const;
  const supported = profile === 'current' ? parseCapabilities(config.supportedDriverCapabilities) : undefined;
  const among = (names: readonly string[]) =>
    supported === undefined ? names : names.filter((name) => supported.includes(name)).sort();
  const all = among(supported ?? DRIVER_CAPABILITIES).join(',');
  if (asked === undefined && env.isLegacyImage) {
    return { value: all, origin: { from: 'legacy-image', variables: [CUDA_VERSION] } };
  }
  if (asked === undefined || asked === '') {
    const value = among(DEFAULTS[profile].split(',')).join(',');
    return { value, origin: { from: 'default' } };
  }
  if (supported === undefined) return { value: asked === 'all' ? all : asked, origin: fromVariable };
  const names = parseCapabilities(asked);
  if (names.includes('all')) {
    return { value: all, origin: { ...fromVariable, keys: [SUPPORTED_KEY] } };
  }
  const allowed = among(names);
  if (allowed.length < names.length) {
    const message = `unsupported capabilities found in '${[...names].sort().join(',')}' (allowed '${allowed.join(',')}')`;
    throw new DeviceError('ERR_NVIDIA_REQUEST', message, { details: { asked } });
  }
  return { value: allowed.join(','), origin: fromVariable };
}

/**
 * The flags of nvidia-container-cli for a list of capabilities. What comes after an empty element is dropped.
 *
 * @throws DeviceError `ERR_NVIDIA_REQUEST`
 */
export function capabilityFlags(capabilities: string): readonly string[] {
  const names = capabilities.split(',');
  const end = names.indexOf('');
  return (end === -1 ? names : names.slice(0, end)).map((name) => {
    if (!DRIVER_CAPABILITIES.some((known) => known === name)) {
      throw new DeviceError('ERR_NVIDIA_REQUEST', `unknown driver capability: ${name}`);
    }
    return `--${name}`;
  });
}
