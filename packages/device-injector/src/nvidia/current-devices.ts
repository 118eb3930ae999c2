import { isQualifiedName } from '../cdi/qualified-name.js';
import { CUDA_VERSION, VISIBLE_DEVICES } from '../nvidia-requests.js';
import type { ContainerEnvironment } from './container-environment.js';
import type { NvidiaSpec } from './container-spec.js';
import type { DeviceRequest } from './device-request.js';
import type { NvidiaHookConfig } from './hook-config.js';
import { type MountRequest, mountRequests } from './mount-requests.js';
import type { NvidiaMessage } from './nvidia-message.js';

const IMEX_CHANNELS = 'NVIDIA_IMEX_CHANNELS';
const CDI = 'cdi/';
const IMEX = 'imex/';

const NOTHING: DeviceRequest = { devices: undefined, origin: { from: 'default' }, messages: [] };

/** The devices that a container asks for, by the rules of release 1.20: by mounts, if they may, else by variables. */
export function currentDevices(
  { mounts = [] }: Pick<NvidiaSpec, 'mounts'>,
  env: ContainerEnvironment,
  config: NvidiaHookConfig,
  isPrivileged: boolean,
): DeviceRequest {
  const byMount = fromMounts(config.acceptVolumeMounts ? mountRequests(mounts, 'current') : []);
  if (byMount.devices !== undefined) return byMount;
  const swarm = (config.swarmResource ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && env.get(name) !== undefined);
  const variables = swarm.length > 0 ? swarm : [VISIBLE_DEVICES];
  const request = fromVariables(variables, env);
  if (request.devices === undefined || mayAskByVariable(config, isPrivileged)) {
    return { ...request, messages: byMount.messages };
  }
  const text = `Ignoring devices requested by environment variable(s) in unprivileged container: [${variables.join(' ')}]`;
  return { ...ignored(request), messages: [...byMount.messages, { level: 'warning', text }] };
}

/** The IMEX channels that a GPU container asks for. They alone do not make it one. */
export function imexChannels(
  { mounts = [] }: Pick<NvidiaSpec, 'mounts'>,
  env: ContainerEnvironment,
  config: NvidiaHookConfig,
  isPrivileged: boolean,
): DeviceRequest {
  if (config.features.ignoreImexChannelRequests) {
    return { ...NOTHING, origin: { from: 'configuration', keys: ['features.ignore-imex-channel-requests'] } };
  }
  const requests = config.acceptVolumeMounts ? mountRequests(mounts, 'current') : [];
  const channels = requests.filter(({ name }) => name.startsWith(IMEX));
  if (channels.length > 0) {
    return {
      devices: channels.map(({ name }) => name.slice(IMEX.length)),
      origin: destinationsOf(channels),
      messages: [],
    };
  }
  const request = fromVariables([IMEX_CHANNELS], env);
  // "all" alone is what a legacy image would ask for that has never heard of IMEX (upstream issue 797).
  if (request.devices?.length === 1 && request.devices[0] === 'all')
    return { ...request, devices: undefined };
  if (request.devices === undefined || mayAskByVariable(config, isPrivileged)) return request;
  const text = `Ignoring request by environment variable(s) in unprivileged container: [${IMEX_CHANNELS}]`;
  return { ...ignored(request), messages: [{ level: 'warning', text }] };
}

function fromMounts(requests: readonly MountRequest[]): DeviceRequest {
  const served: MountRequest[] = [];
  const messages: NvidiaMessage[] = [];
  for (const request of requests.filter(({ name }) => !name.startsWith(IMEX))) {
    const name = request.name.startsWith(CDI) ? cdiName(request.name.slice(CDI.length)) : request.name;
    if (name === undefined) {
      const text = `Ignoring invalid mount request for CDI device ${request.name}: invalid mount CDI device request: ${request.name}`;
      messages.push({ level: 'warning', text });
    } else {
      served.push({ ...request, name });
    }
  }
  return served.length === 0
    ? { ...NOTHING, messages }
    : { devices: served.map(({ name }) => name), origin: destinationsOf(served), messages };
}

const destinationsOf = (requests: readonly MountRequest[]) =>
  ({ from: 'mounts', destinations: requests.map(({ destination }) => destination) }) as const;

/** `vendor/class=name`, or `vendor/class/name`, whatever the name. */
function cdiName(path: string): string | undefined {
  if (isQualifiedName(path)) return path;
  const [, vendor, kind, name] = /^([^/]*)\/([^/]*)\/([\s\S]*)$/.exec(path) ?? [];
  return name === undefined ? undefined : `${vendor}/${kind}=${name}`;
}

/** The lists of all these variables as one. A name that is there twice counts once, where upstream makes `,0` of `0,0`. */
function fromVariables(names: readonly string[], env: ContainerEnvironment): DeviceRequest {
  const texts = names.flatMap((name) => env.get(name) ?? []);
  if (texts.length === 0) {
    return env.isLegacyImage
      ? { devices: ['all'], origin: { from: 'legacy-image', variables: [CUDA_VERSION] }, messages: [] }
      : NOTHING;
  }
  const listed = texts.flatMap((text) => text.split(',')).map((name) => name.trim());
  const devices = [...new Set(listed)].filter((name) => name !== '');
  const request = { origin: { from: 'environment', variables: names }, messages: [] } as const;
  if (devices.length === 0 || devices.includes('void')) return { ...request, devices: undefined };
  const special = devices.find((name) => name === 'all' || name === 'none');
  if (special === undefined) return { ...request, devices };
  return { ...request, devices: special === 'all' ? ['all'] : [] };
}

function mayAskByVariable(config: NvidiaHookConfig, isPrivileged: boolean): boolean {
  return isPrivileged || config.acceptEnvironmentWhenUnprivileged;
}

function ignored({ origin }: DeviceRequest): Omit<DeviceRequest, 'messages'> {
  return { devices: undefined, origin: { ...origin, note: 'ignored: the container is not privileged' } };
}
