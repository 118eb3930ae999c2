import {
  DEFAULT_CDI_DIRECTORIES,
  NVIDIA_PROFILES,
  type NvidiaProfile,
} from '@opencontainers-ts/device-injector';
import type { ConfiguredRuntimes, NamedRuntime, RuntimeMode } from '@opencontainers-ts/runtime-resolver';

import { LOG_LEVELS, type LogLevel } from '../log/format-record.js';
import { DEFAULT_LOG_FILE } from '../log/wrapper-log.js';
import type { CdiSettings, Origin, ProfileName, Settings, SettingsInput } from './settings.js';

/** What the files may say, rules apart: the shape that the schema demands. */
export interface ConfigValues {
  readonly profile?: ProfileName;
  readonly 'config-mode'?: 'preserve' | 'private';
  readonly 'fast-path'?: boolean;
  readonly 'module-timeout'?: number;
  readonly runtime?: {
    readonly mode?: RuntimeMode;
    readonly paths?: Readonly<Partial<Record<RuntimeMode, string>>>;
    readonly search?: readonly string[];
  };
  readonly log?: {
    readonly file?: string;
    readonly level?: LogLevel;
    readonly format?: 'json' | 'text';
    readonly 'max-size'?: number | string;
  };
  readonly volumes?: {
    readonly 'kubelet-root'?: string;
    readonly 'host-path-folders'?: readonly string[];
    readonly 'require-mount-point'?: boolean;
    readonly 'without-mount'?: Settings['withoutMount'];
  };
  readonly cdi?: CdiValues;
  readonly nvidia?: { readonly profile?: NvidiaProfile };
}

/** The table `cdi`; the options of the rule `cdi-devices` are the same but for `enabled`. */
export interface CdiValues {
  readonly enabled?: boolean;
  readonly 'spec-dirs'?: readonly string[];
  readonly sources?: CdiSettings['sources'];
  readonly devices?: readonly string[];
  readonly 'default-kind'?: string;
  readonly 'accept-env-when-unprivileged'?: boolean;
  readonly residue?: CdiSettings['residue'];
  readonly 'run-tmpfs'?: boolean;
  readonly 'hooks-skipped'?: CdiSettings['hooksSkipped'];
  readonly 'gvisor-runs-hooks'?: boolean;
}

/** The values of a configuration, and which file each comes from. */
export interface ConfigSource {
  readonly table: ConfigValues;
  readonly origins: Readonly<Record<string, Origin>>;
}

/** No file at all. */
export const NO_CONFIG: ConfigSource = { table: {}, origins: {} };

/** All settings but the rules. */
export type ResolvedSettings = Omit<Settings, 'rules' | 'ruleOrigins' | 'watched' | 'fault'>;

/** The name that guardian-runc-shim is installed by, and its variables. */
const GUARDIAN_NAME = 'guardian-runc-shim';
const GUARDIAN_BINARY = 'GUARDIAN_RUNC_SHIM_BINARY';
const PATH_VARIABLE = 'SGS_RUNC_PATH';
const GUARDIAN_LOG = 'GUARDIAN_RUNC_SHIM_LOGFILE';
const GUARDIAN_LOG_FILE = '/var/log/guardian-runc-shim.log';

/** As with the level of the log, an unknown profile in the environment counts as unset. */
const NVIDIA_PROFILE = 'OCIWRAP_NVIDIA_PROFILE';

const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** One way to a value: the first whose value is there decides. */
type Choice<T> = readonly [value: T | undefined, origin: Origin];

/**
 * Every setting but the rules, from the files, the environment and the name of the call; what the environment says wins.
 * Pure, and without TOML: a call on a node without a configuration goes through here too.
 */
export function resolveSettings({ table, origins }: ConfigSource, input: SettingsInput): ResolvedSettings {
  const { env } = input;
  const { runtime = {}, log = {}, volumes = {}, cdi = {} } = table;
  const chosen: Record<string, Origin> = {};

  function choose<T>(key: string, fallback: T, written: T | undefined, ...first: readonly Choice<T>[]): T {
    const choices: readonly Choice<T>[] = [...first, [written, origins[key] ?? { from: 'default' }]];
    const [value, origin] = choices.find(([given]) => given !== undefined) ?? [fallback, { from: 'default' }];
    chosen[key] = origin;
    return value ?? fallback;
  }
  const variable = (name: string): Choice<string> => [
    env[name] || undefined,
    { from: 'environment', variable: name },
  ];

  const profile = choose<ProfileName>('profile', 'sgs', table.profile, ...profileOfCall(input));
  const isGuardian = profile === 'guardian';
  const level = LOG_LEVELS.find((name) => name === env['OCIWRAP_LOG_LEVEL']);
  return {
    profile,
    runtime: configuredRuntimes(runtime, origins, env, isGuardian, chosen),
    log: {
      file: choose(
        'log.file',
        isGuardian ? GUARDIAN_LOG_FILE : DEFAULT_LOG_FILE,
        log.file,
        ...(isGuardian ? [variable(GUARDIAN_LOG)] : []),
        variable('OCIWRAP_LOG_FILE'),
      ),
      // An unknown level in the environment counts as unset: a typo there must not stop a container.
      level: choose<LogLevel>('log.level', 'info', log.level, [
        level,
        { from: 'environment', variable: 'OCIWRAP_LOG_LEVEL' },
      ]),
      format: choose('log.format', 'json', log.format),
      maxSize: bytesOf(choose('log.max-size', 0, log['max-size'])),
    },
    configMode: choose('config-mode', 'preserve', table['config-mode']),
    kubeletRoot: choose('volumes.kubelet-root', '/var/lib/kubelet', volumes['kubelet-root']),
    hostPathFolders: choose<readonly string[]>('volumes.host-path-folders', [], volumes['host-path-folders']),
    requireMountPoint: choose('volumes.require-mount-point', true, volumes['require-mount-point']),
    withoutMount: choose<Settings['withoutMount']>(
      'volumes.without-mount',
      'refuse',
      volumes['without-mount'],
    ),
    cdi: {
      enabled: choose('cdi.enabled', false, cdi.enabled),
      specDirs: choose('cdi.spec-dirs', DEFAULT_CDI_DIRECTORIES, cdi['spec-dirs']),
      sources: choose<CdiSettings['sources']>('cdi.sources', ['annotations', 'mounts', 'env'], cdi.sources),
      devices: choose<readonly string[]>('cdi.devices', [], cdi.devices),
      acceptEnvWhenUnprivileged: choose(
        'cdi.accept-env-when-unprivileged',
        true,
        cdi['accept-env-when-unprivileged'],
      ),
      residue: choose<CdiSettings['residue']>('cdi.residue', 'keep', cdi.residue),
      runTmpfs: choose('cdi.run-tmpfs', false, cdi['run-tmpfs']),
      hooksSkipped: choose<CdiSettings['hooksSkipped']>('cdi.hooks-skipped', 'refuse', cdi['hooks-skipped']),
      gvisorRunsHooks: choose('cdi.gvisor-runs-hooks', false, cdi['gvisor-runs-hooks']),
      ...defaultKindOf(cdi, origins, chosen),
    },
    nvidiaProfile: choose<NvidiaProfile>('nvidia.profile', 'current', table.nvidia?.profile, [
      NVIDIA_PROFILES.find((name) => name === env[NVIDIA_PROFILE]),
      { from: 'environment', variable: NVIDIA_PROFILE },
    ]),
    fastPath: choose('fast-path', true, table['fast-path']),
    moduleTimeout: choose('module-timeout', 10, table['module-timeout']),
    origins: chosen,
    usualRuntimeAndLog: isUsualLog(log) && !Object.keys(origins).some((key) => key.startsWith('runtime.')),
  };
}

/** The shim is chosen by how it is called, whatever a file says: that is how it is installed. */
function profileOfCall({ env, invokedAs, execFn = '' }: SettingsInput): readonly Choice<ProfileName>[] {
  const isNamed = [invokedAs, execFn].some((path) => path.slice(path.lastIndexOf('/') + 1) === GUARDIAN_NAME);
  return [
    [env[GUARDIAN_BINARY] ? 'guardian' : undefined, { from: 'environment', variable: GUARDIAN_BINARY }],
    [isNamed ? 'guardian' : undefined, { from: 'call' }],
  ];
}

function configuredRuntimes(
  { mode, paths = {}, search }: NonNullable<ConfigValues['runtime']>,
  origins: Readonly<Record<string, Origin>>,
  env: SettingsInput['env'],
  isGuardian: boolean,
  chosen: Record<string, Origin>,
): ConfiguredRuntimes {
  const pathOf = (name: RuntimeMode): NamedRuntime | undefined => {
    const value = paths[name];
    const key = `runtime.paths.${name}`;
    const origin = origins[key];
    const file = origin?.from === 'file' ? ` of ${origin.file}` : '';
    return value === undefined ? undefined : { value, from: 'configuration', by: `${key}${file}` };
  };
  for (const key of ['runtime.mode', 'runtime.paths.runc', 'runtime.paths.nvidia', 'runtime.search']) {
    const origin = origins[key];
    if (origin !== undefined) chosen[key] = origin;
  }
  const variable = env['SGS_WRAPPER_MODE'];
  const modeOfCall = variable === 'runc' || variable === 'nvidia' ? variable : undefined;
  if (modeOfCall !== undefined) {
    chosen['runtime.mode'] = { from: 'environment', variable: 'SGS_WRAPPER_MODE' };
  }
  const named = namedByCall(env, isGuardian);
  if (named !== undefined) {
    const origin: Origin = { from: 'environment', variable: named.by };
    chosen['runtime.paths.runc'] = origin;
    chosen['runtime.paths.nvidia'] = origin;
  }
  const usedMode = modeOfCall ?? mode;
  const [runc, nvidia] = [pathOf('runc'), pathOf('nvidia')];
  return {
    ...(usedMode === undefined ? {} : { mode: usedMode }),
    ...(search === undefined ? {} : { search }),
    ...(runc === undefined && nvidia === undefined
      ? {}
      : { paths: { ...(runc && { runc }), ...(nvidia && { nvidia }) } }),
    ...(isGuardian ? { required: GUARDIAN_BINARY } : {}),
    ...(named === undefined ? {} : { named }),
  };
}

/** The runtime that the environment names, in whatever mode. */
function namedByCall(env: SettingsInput['env'], isGuardian: boolean): NamedRuntime | undefined {
  const names = isGuardian ? ([GUARDIAN_BINARY, PATH_VARIABLE] as const) : ([PATH_VARIABLE] as const);
  const name = names.find((each) => env[each]);
  return name === undefined ? undefined : { value: env[name] ?? '', from: name, by: name };
}

function defaultKindOf(
  { 'default-kind': defaultKind }: CdiValues,
  origins: Readonly<Record<string, Origin>>,
  chosen: Record<string, Origin>,
): Pick<CdiSettings, 'defaultKind'> {
  const origin = origins['cdi.default-kind'];
  if (origin !== undefined) chosen['cdi.default-kind'] = origin;
  return defaultKind === undefined ? {} : { defaultKind };
}

function isUsualLog(log: NonNullable<ConfigValues['log']>): boolean {
  const { file = DEFAULT_LOG_FILE, level = 'info', format = 'json', 'max-size': maxSize = 0 } = log;
  return file === DEFAULT_LOG_FILE && level === 'info' && format === 'json' && bytesOf(maxSize) === 0;
}

function bytesOf(size: number | string): number {
  if (typeof size === 'number') return size;
  const [, number, unit] = /^(\d+)(B|KiB|MiB|GiB)$/.exec(size) ?? [];
  return Number(number) * BYTES[unit as keyof typeof BYTES];
}
