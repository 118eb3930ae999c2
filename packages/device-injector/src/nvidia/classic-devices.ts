import { CUDA_VERSION, VISIBLE_DEVICES } from '../nvidia-requests.js';
import type { ContainerEnvironment } from './container-environment.js';
import type { NvidiaSpec } from './container-spec.js';
import type { DeviceRequest } from './device-request.js';
import type { NvidiaHookConfig } from './hook-config.js';
import { mountRequests } from './mount-requests.js';
import type { NvidiaOrigin } from './nvidia-origin.js';

/** What the seed's comment says and its code does not. */
const SEED_NOTE =
  'the seed takes the last variable that is set, though its comment says that swarm-resource comes first';

/**
 * The devices that a container asks for, by the rules of the seed and of release 1.5: the text of one variable as it is,
 * neither trimmed nor taken apart.
 */
export function classicDevices(
  { mounts = [] }: Pick<NvidiaSpec, 'mounts'>,
  env: ContainerEnvironment,
  config: NvidiaHookConfig,
  isPrivileged: boolean,
  profile: 'seed' | 'v1.5',
): DeviceRequest {
  if (profile === 'seed') return fromEnvironment(env, config, profile);
  const requests = config.acceptVolumeMounts ? mountRequests(mounts, profile) : [];
  if (requests.length > 0) {
    return {
      devices: requests.map(({ name }) => name),
      origin: { from: 'mounts', destinations: requests.map(({ destination }) => destination) },
      messages: [],
    };
  }
  const request = fromEnvironment(env, config, profile);
  if (request.devices === undefined || isPrivileged || config.acceptEnvironmentWhenUnprivileged)
    return request;
  return {
    devices: undefined,
    origin: { ...request.origin, note: 'ignored: the container is not privileged' },
    // With the space at its end.
    messages: [
      {
        level: 'info',
        text: 'Ignoring devices specified in NVIDIA_VISIBLE_DEVICES (privileged=false, accept-nvidia-visible-devices-envvar-when-unprivileged=false) ',
      },
    ],
  };
}

function fromEnvironment(
  env: ContainerEnvironment,
  { swarmResource }: NvidiaHookConfig,
  profile: 'seed' | 'v1.5',
): DeviceRequest {
  const candidates = swarmResource === undefined ? [VISIBLE_DEVICES] : [swarmResource, VISIBLE_DEVICES];
  const present = candidates.filter((name) => env.get(name) !== undefined);
  const variable = present.at(profile === 'seed' ? -1 : 0);
  if (variable === undefined) {
    return env.isLegacyImage
      ? { devices: ['all'], origin: { from: 'legacy-image', variables: [CUDA_VERSION] }, messages: [] }
      : { devices: undefined, origin: { from: 'default' }, messages: [] };
  }
  const note = profile === 'seed' && present.length > 1 ? { note: SEED_NOTE } : {};
  const origin: NvidiaOrigin = { from: 'environment', variables: [variable], ...note };
  return { devices: meaningOf(env.get(variable) ?? ''), origin, messages: [] };
}

function meaningOf(text: string): readonly string[] | undefined {
  if (text === '' || text === 'void') return undefined;
  return text === 'none' ? [] : [text];
}
