import { parse } from 'smol-toml';
import { DeviceError } from '../device-error.js';
import type { DeviceHost } from '../device-host.js';
import { goQuote } from '../go-quote.js';
import { parseCapabilities } from './driver-capabilities.js';
import { DRIVER_CAPABILITIES, type NvidiaHookConfig, nvidiaHookDefaults } from './hook-config.js';
import type { NvidiaProfile } from './profile.js';

/** Values of a file, by the dotted names of their keys. */
type Values = ReadonlyMap<string, unknown>;

/** A decoded `config.toml`. */
export interface DecodedHookConfig {
  readonly config: NvidiaHookConfig;
  /** The keys that the file has, of those that are known; the others hold the default. */
  readonly keys: ReadonlySet<string>;
}

/**
 * Decodes a `config.toml`. Keys that the profile does not know are left alone, as upstream does.
 *
 * @param text - undefined for no file: the defaults, in so far as they depend on the host
 * @throws DeviceError `ERR_NVIDIA_CONFIG`, in upstream's words without its prefix
 */
export function decodeHookConfig(
  text: string | undefined,
  profile: NvidiaProfile,
  host: Pick<DeviceHost, 'realpath' | 'readFile'>,
): DecodedHookConfig {
  const values = text === undefined ? new Map<string, unknown>() : valuesOf(text);
  const known = new Set<string>();
  const config = configOf(values, known, profile);
  return { config: profile === 'current' ? currentConfig(config, host) : config, keys: known };
}

function valuesOf(text: string): Values {
  try {
    return new Map(flatten(parse(text, { integersAsBigInt: true }), ''));
  } catch (cause) {
    const [said = ''] = (cause as Error).message.split('\n');
    const why = said.replace(/^Invalid TOML document: /, '');
    throw new DeviceError('ERR_NVIDIA_CONFIG', `not TOML: ${why}`, { cause });
  }
}

function flatten(table: object, above: string): [string, unknown][] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
    const name = `${above}${key}`;
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [[name, value], ...(isTable ? flatten(value, `${name}.`) : [])];
  });
}

function configOf(values: Values, known: Set<string>, profile: NvidiaProfile): NvidiaHookConfig {
  const isCurrent = profile === 'current';
  const defaults = nvidiaHookDefaults(profile);

  function read<T>(key: string, isRight: (value: unknown) => value is T, wanted: string): T | undefined {
    const value = values.get(key);
    if (value === undefined) return undefined;
    if (!isRight(value)) {
      throw new DeviceError('ERR_NVIDIA_CONFIG', `${key}: must be ${wanted}`, { details: { key } });
    }
    known.add(key);
    return value;
  }
  const flag = (key: string, fallback: boolean) => read(key, isFlag, 'true or false') ?? fallback;
  const text = (key: string) => read(key, isText, 'a text');
  /** Releases before 1.7 tell an empty text from none. */
  const option = (name: string, key: string) => {
    const value = text(key);
    return value === undefined || (isCurrent && value === '' && key !== LDCONFIG) ? {} : { [name]: value };
  };
  const cli = (key: string) => `nvidia-container-cli.${key}`;
  const feature = (key: string) => isCurrent && flag(`features.${key}`, false);

  return {
    ...defaults,
    disableRequire: flag('disable-require', false),
    ...option('swarmResource', 'swarm-resource'),
    acceptEnvironmentWhenUnprivileged: flag('accept-nvidia-visible-devices-envvar-when-unprivileged', true),
    // The seed has another key for it, look-for-nvidia-visible-devices-as-volume-mounts-under, and does nothing with it.
    acceptVolumeMounts: profile !== 'seed' && flag('accept-nvidia-visible-devices-as-volume-mounts', false),
    cli: {
      ...defaults.cli,
      ...option('root', cli('root')),
      ...option('path', cli('path')),
      environment: read(cli('environment'), isTextList, 'an array of texts') ?? [],
      ...option('debug', cli('debug')),
      ...option('ldcache', cli('ldcache')),
      loadKmods: flag(cli('load-kmods'), true),
      noPivot: flag(cli('no-pivot'), false),
      noCgroups: flag(cli('no-cgroups'), false),
      ...option('user', cli('user')),
      ...option('ldconfig', LDCONFIG),
    },
    ...(isCurrent
      ? {
          supportedDriverCapabilities:
            text('supported-driver-capabilities') ?? defaults.supportedDriverCapabilities,
          mode: text('nvidia-container-runtime.mode') ?? defaults.mode,
          cudaCompatMode:
            text('nvidia-container-runtime.modes.legacy.cuda-compat-mode') ?? defaults.cudaCompatMode,
          skipModeDetection: flag('nvidia-container-runtime-hook.skip-mode-detection', false),
        }
      : {}),
    features: {
      allowCudaCompatLibsFromContainer: feature('allow-cuda-compat-libs-from-container'),
      allowLdconfigFromContainer: feature('allow-ldconfig-from-container'),
      disableImexChannelCreation: feature('disable-imex-channel-creation'),
      ignoreImexChannelRequests: feature('ignore-imex-channel-requests'),
    },
  };
}

const LDCONFIG = 'nvidia-container-cli.ldconfig';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

/** What only `current` checks, and what it takes from the host. */
function currentConfig(
  config: NvidiaHookConfig,
  host: Pick<DeviceHost, 'realpath' | 'readFile'>,
): NvidiaHookConfig {
  const { cli, features } = config;
  const { ldconfig = '' } = cli;
  if (!ldconfig.startsWith('@') && !features.allowLdconfigFromContainer) {
    throw new DeviceError(
      'ERR_NVIDIA_CONFIG',
      `${LDCONFIG} value ${goQuote(ldconfig)} is not host-relative (does not start with a '@')\ninvalid config value`,
    );
  }
  const supported = supportedCapabilities(config.supportedDriverCapabilities);
  const user = cli.user ?? (isSuse(host) ? 'root:video' : undefined);
  return {
    ...config,
    supportedDriverCapabilities: supported,
    cli: { ...cli, ...(user === undefined ? {} : { user }), ldconfig: hostLdconfig(ldconfig, host) },
  };
}

function supportedCapabilities(text: string): string {
  const all = [...DRIVER_CAPABILITIES].sort().join(',');
  if (text === 'all') return all;
  const unknown = parseCapabilities(text).filter(
    (name) => !DRIVER_CAPABILITIES.some((known) => known === name),
  );
  if (unknown.length > 0) {
    throw new DeviceError(
      'ERR_NVIDIA_CONFIG',
      `Invalid value for config option 'supported-driver-capabilities'; ${text} (supported: ${all})`,
      { details: { unknown } },
    );
  }
  return text;
}

/** On Debian and Ubuntu `ldconfig` is a shell script, and `ldconfig.real` the program. */
function hostLdconfig(ldconfig: string, host: Pick<DeviceHost, 'realpath'>): string {
  if (!ldconfig.startsWith('@')) return ldconfig;
  const path = ldconfig.slice(1).replace(/\.real$/, '');
  return `@${path}${isThere(`${path}.real`, host) ? '.real' : ''}`;
}

/** Where it cannot be looked at it is not there, as upstream has it. */
function isThere(path: string, host: Pick<DeviceHost, 'realpath'>): boolean {
  try {
    return path.startsWith('/') && host.realpath(path) !== undefined;
  } catch {
    return false;
  }
}

/** Only root's group of SUSE's distributions may not use the devices. */
function isSuse(host: Pick<DeviceHost, 'readFile'>): boolean {
  const release = new TextDecoder().decode(readIfReadable('/etc/os-release', host));
  const like = /^ID_LIKE="*(.*?)"*$/m.exec(release)?.[1] ?? '';
  return like.split(' ').some((id) => id === 'suse' || id === 'opensuse');
}

function readIfReadable(path: string, host: Pick<DeviceHost, 'readFile'>): Uint8Array | undefined {
  try {
    return host.readFile(path);
  } catch {
    return undefined;
  }
}
