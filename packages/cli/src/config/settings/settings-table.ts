import { DEFAULT_CDI_DIRECTORIES, NVIDIA_PROFILES } from '@opencontainers-ts/device-injector';

import { LOG_LEVELS } from '../../log/format-record.js';
import { DEFAULT_LOG_FILE, DEFAULT_MAX_SIZE } from '../../log/wrapper-log.js';
import type { ProfileName, Settings } from './settings.js';

/** A variable of the environment that comes before the files. */
export interface SettingVariable<T = unknown> {
  readonly name: string;
  /** The value that its text stands for; a text that gives `undefined` counts as unset. */
  readonly read: (text: string) => T | undefined;
  /** The only profile in which it counts. */
  readonly profile?: ProfileName;
}

/** Where the value of a key comes from. */
interface Sources<T> {
  /** The default; a key without one has no value unless somebody gives it one. */
  readonly fallback?: T;
  /** The default of a profile that has one of its own. */
  readonly fallbackOf?: Readonly<Partial<Record<ProfileName, T>>>;
  /** Of several that are set, the first one counts. */
  readonly variables?: readonly SettingVariable<T>[];
  /** A name of the program that stands for a value, whatever the files say. */
  readonly calledAs?: { readonly name: string; readonly value: T };
  /** Makes the value of what a file says, unless that is the value. */
  readonly fromFile?: (written: never) => T;
}

/** One key of the configuration. */
export interface Setting extends Sources<unknown> {
  /** As the documentation writes it: `log.level`. */
  readonly key: string;
  /** Names of members of {@link Settings}: where the value lands. Absent if it lands in no single place. */
  readonly place?: readonly string[];
}

type Place = readonly [keyof Settings] | readonly [keyof Settings, string];
type ValueAt<P extends Place> = P extends readonly [infer Name extends keyof Settings]
  ? Settings[Name]
  : P extends readonly [infer Name extends keyof Settings, infer Member]
    ? Member extends keyof Settings[Name]
      ? Exclude<Settings[Name][Member], undefined>
      : never
    : never;

/** The compiler holds the values to the type that the place has. */
function setting<const P extends Place>(key: string, place: P, sources: Sources<ValueAt<P>>): Setting {
  return { key, place, ...(sources as Sources<unknown>) };
}

/** A variable whose text is the value. */
function textVariable(name: string, profile?: ProfileName): SettingVariable<string> {
  return { name, read: (text) => text, ...(profile === undefined ? {} : { profile }) };
}

/** A variable that has one of some values; any other text counts as unset: a typo there must stop no container. */
function wordVariable<T extends string>(name: string, words: readonly T[]): SettingVariable<T> {
  return { name, read: (text) => words.find((word) => word === text) };
}

/** Names the real runtime under the profile guardian; that it is set chooses the profile. */
export const GUARDIAN_BINARY = 'GUARDIAN_RUNC_SHIM_BINARY';

/** The variables that name the real runtime, in whatever mode. */
const RUNTIME_PATH = [textVariable(GUARDIAN_BINARY, 'guardian'), textVariable('SGS_RUNC_PATH')];

/** Every key that has an effect, but `rule`, in the order of `config dump`; docs/configuration.md is compared with it. */
export const SETTINGS: readonly Setting[] = [
  setting('profile', ['profile'], {
    fallback: 'sgs',
    // guardian-runc-shim is chosen by how it is called, whatever a file says: that is how it is installed.
    variables: [{ name: GUARDIAN_BINARY, read: () => 'guardian' }],
    calledAs: { name: 'guardian-runc-shim', value: 'guardian' },
  }),
  setting('config-mode', ['configMode'], { fallback: 'preserve' }),
  setting('mode', ['mode'], { fallback: 'enforce' }),
  setting('required', ['required'], { fallback: false }),
  setting('fast-path', ['fastPath'], { fallback: true }),
  setting('module-timeout', ['moduleTimeout'], { fallback: 2 }),
  setting('runtime.mode', ['runtime', 'mode'], {
    variables: [wordVariable('SGS_WRAPPER_MODE', ['runc', 'nvidia'])],
  }),
  { key: 'runtime.paths.runc', variables: RUNTIME_PATH },
  { key: 'runtime.paths.nvidia', variables: RUNTIME_PATH },
  setting('runtime.search', ['runtime', 'search'], {}),
  setting('log.file', ['log', 'file'], {
    fallback: DEFAULT_LOG_FILE,
    fallbackOf: { guardian: '/var/log/guardian-runc-shim.log' },
    variables: [textVariable('GUARDIAN_RUNC_SHIM_LOGFILE', 'guardian'), textVariable('OCIWRAP_LOG_FILE')],
  }),
  setting('log.level', ['log', 'level'], {
    fallback: 'info',
    variables: [wordVariable('OCIWRAP_LOG_LEVEL', LOG_LEVELS)],
  }),
  setting('log.format', ['log', 'format'], { fallback: 'json' }),
  setting('log.max-size', ['log', 'maxSize'], { fallback: DEFAULT_MAX_SIZE, fromFile: bytesOf }),
  setting('log.keep', ['log', 'keep'], { fallback: 3 }),
  setting('metrics.file', ['metricsFile'], {}),
  setting('volumes.kubelet-root', ['kubeletRoot'], { fallback: '/var/lib/kubelet' }),
  setting('volumes.host-path-folders', ['hostPathFolders'], { fallback: [] }),
  setting('volumes.require-mount-point', ['requireMountPoint'], { fallback: true }),
  setting('volumes.without-mount', ['withoutMount'], { fallback: 'refuse' }),
  setting('volumes.strategy', ['rootStrategy'], { fallback: 'replace' }),
  setting('volumes.image-change', ['imageChange'], { fallback: 'warn' }),
  setting('cdi.enabled', ['cdi', 'enabled'], { fallback: false }),
  setting('cdi.spec-dirs', ['cdi', 'specDirs'], { fallback: DEFAULT_CDI_DIRECTORIES }),
  setting('cdi.sources', ['cdi', 'sources'], { fallback: ['annotations', 'mounts', 'env'] }),
  setting('cdi.devices', ['cdi', 'devices'], { fallback: [] }),
  setting('cdi.default-kind', ['cdi', 'defaultKind'], {}),
  setting('cdi.accept-env-when-unprivileged', ['cdi', 'acceptEnvWhenUnprivileged'], { fallback: true }),
  setting('cdi.residue', ['cdi', 'residue'], { fallback: 'keep' }),
  setting('cdi.run-tmpfs', ['cdi', 'runTmpfs'], { fallback: false }),
  setting('cdi.hooks-skipped', ['cdi', 'hooksSkipped'], { fallback: 'refuse' }),
  setting('nvidia.profile', ['nvidiaProfile'], {
    fallback: 'current',
    variables: [wordVariable('OCIWRAP_NVIDIA_PROFILE', NVIDIA_PROFILES)],
  }),
];

const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

function bytesOf(size: number | string): number {
  if (typeof size === 'number') return size;
  const [, number, unit] = /^(\d+)(B|KiB|MiB|GiB)$/.exec(size) ?? [];
  return Number(number) * BYTES[unit as keyof typeof BYTES];
}
