import { DeviceError } from '../device-error.js';
import type { DeviceHost } from '../device-host.js';
import { errnoText } from '../go-errno.js';
import { absolutePath, joinPath } from '../go-path.js';
import { type DecodedHookConfig, decodeHookConfig } from './decode-hook-config.js';
import type { NvidiaProfile } from './profile.js';

const CONFIG_FILE = '/etc/nvidia-container-runtime/config.toml';
/** Of a driver that runs in a container. */
const DRIVER_ROOT = '/run/nvidia/driver';

/** Where to look for `config.toml`. */
export interface HookConfigPlaces {
  /** The flag `-config`: only this file is tried. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The configuration of the hook, and its file. */
export interface FoundHookConfig extends DecodedHookConfig {
  /** Absent if there is no file. */
  readonly file?: string;
}

/**
 * Looks for the `config.toml` of the NVIDIA Container Toolkit in the places of the release that the profile names, and
 * decodes the first one. If there is none, the defaults apply.
 *
 * @throws DeviceError `ERR_NVIDIA_CONFIG`, in upstream's words
 *
 * @example
 * ```ts
 * import { findNvidiaHookConfig } from '@opencontainers-ts/device-injector';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const file = '/etc/nvidia-container-runtime/config.toml';
 * const host = memoryHost({ files: { [file]: 'disable-require = true' } });
 * const found = findNvidiaHookConfig({ env: {}, cwd: '/' }, 'current', host);
 * console.log(found.file === file, found.config.disableRequire); // true true
 * ```
 */
export function findNvidiaHookConfig(
  places: HookConfigPlaces,
  profile: NvidiaProfile,
  host: Pick<DeviceHost, 'realpath' | 'readFile'>,
): FoundHookConfig {
  const { files, isRequired } = candidates(places, profile);
  const prefix = prefixOf(profile, places.file !== undefined);
  for (const file of files) {
    const text = readText(file, places.cwd, prefix, host, isRequired);
    if (text !== undefined)
      return { ...prefixed(prefix.decode, () => decodeHookConfig(text, profile, host)), file };
  }
  return prefixed(prefix.decode, () => decodeHookConfig(undefined, profile, host));
}

function candidates({ file, env }: HookConfigPlaces, profile: NvidiaProfile) {
  if (file !== undefined) return { files: [file], isRequired: true };
  if (profile !== 'current')
    return { files: [`${DRIVER_ROOT}${CONFIG_FILE}`, CONFIG_FILE], isRequired: false };
  const named = env['NVIDIA_CTK_CONFIG_FILE_PATH'];
  if (named) return { files: [named], isRequired: true };
  const folder = env['XDG_CONFIG_HOME'];
  return {
    files: [folder ? joinPath(folder, 'nvidia-container-runtime/config.toml') : CONFIG_FILE],
    isRequired: false,
  };
}

/** How upstream's messages begin if a file cannot be read or parsed, and if its values are wrong. */
interface Prefix {
  readonly read: string;
  readonly decode: string;
  /** For a file that does not exist. */
  readonly missing: (file: string) => string;
}

function prefixOf(profile: NvidiaProfile, isNamed: boolean): Prefix {
  if (profile === 'current') {
    const load = 'error getting hook config: failed to load config: ';
    const read = `${load}couldn't open required configuration file: `;
    return { read, decode: load, missing: () => 'file does not exist' };
  }
  const read = `couldn't open ${isNamed ? '' : 'default '}configuration file: `;
  return { read, decode: read, missing: (file) => `open ${file}: ${errnoText({ code: 'ENOENT' })}` };
}

function readText(
  file: string,
  cwd: string,
  prefix: Prefix,
  host: Pick<DeviceHost, 'readFile'>,
  isRequired: boolean,
): string | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.readFile(absolutePath(file, cwd));
  } catch (cause) {
    throw new DeviceError('ERR_NVIDIA_CONFIG', `${prefix.read}open ${file}: ${errnoText(cause)}`, { cause });
  }
  if (bytes === undefined && isRequired) {
    throw new DeviceError('ERR_NVIDIA_CONFIG', `${prefix.read}${prefix.missing(file)}`);
  }
  return bytes && new TextDecoder().decode(bytes);
}

function prefixed<T>(prefix: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const { message, details } = cause as DeviceError;
    // Upstream ends here without a word (a bug); its own words, had it come to them, have no prefix.
    const isOwn = message.startsWith('Invalid value for config option');
    throw new DeviceError('ERR_NVIDIA_CONFIG', isOwn ? message : `${prefix}${message}`, { details, cause });
  }
}
