import type { NvidiaProfile } from '@opencontainers-ts/device-injector';
import type {
  CandidateOrigin,
  ConfiguredRuntimes,
  NamedRuntime,
  RuntimeMode,
} from '@opencontainers-ts/runtime-resolver';

import type { LogLevel } from '../../log/format-record.js';
import type { CdiSettings, Origin, ProfileName, Settings, SettingsInput } from './settings.js';
import { GUARDIAN_BINARY, SETTINGS, type Setting } from './settings-table.js';

/** What the files may say, rules apart: the shape that the schema demands. */
export interface ConfigValues {
  readonly profile?: ProfileName;
  readonly 'config-mode'?: 'preserve' | 'private';
  readonly mode?: Settings['mode'];
  readonly required?: boolean;
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
    readonly keep?: number;
  };
  readonly metrics?: { readonly file?: string };
  readonly volumes?: {
    readonly 'kubelet-root'?: string;
    readonly 'host-path-folders'?: readonly string[];
    readonly 'require-mount-point'?: boolean;
    readonly 'without-mount'?: Settings['withoutMount'];
    readonly strategy?: Settings['rootStrategy'];
    readonly 'image-change'?: Settings['imageChange'];
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
  /** Without effect: see lint-unneeded-keys.ts. */
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

/** A value, and where it comes from. */
interface Choice {
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * Every setting but the rules, from the files, the environment and the name of the call; what the environment says wins.
 * Pure, and without TOML: a call on a node without a configuration goes through here too.
 */
export function resolveSettings(source: ConfigSource, input: SettingsInput): ResolvedSettings {
  const profile = profileOf(source, input);
  const isWritten = source.table !== NO_CONFIG.table;
  const settings = isWritten ? {} : { ...UNWRITTEN.settings };
  const origins = isWritten ? {} : { ...UNWRITTEN.origins };
  choose(isWritten ? SETTINGS : OF_THE_CALL, { settings, origins }, profile, source, input);
  const runtime = { ...(settings['runtime'] as ConfiguredRuntimes | undefined) };
  // The table says of each value that it is of the type that its place has.
  return {
    ...settings,
    runtime: { ...runtime, ...runtimePaths(source, origins, input), ...requiredRuntime(profile) },
    origins,
    usualRuntimeAndLog: leavesRuntimeAndLog(source),
  } as ResolvedSettings;
}

/** What is chosen, and why. */
interface Chosen {
  readonly settings: Record<string, unknown>;
  readonly origins: Record<string, Origin>;
}

function choose(
  among: readonly Setting[],
  { settings, origins }: Chosen,
  profile: ProfileName,
  source: ConfigSource,
  input: SettingsInput,
): void {
  for (const setting of among) {
    const choice = choiceOf(setting, profile, source, input);
    if (choice === undefined) continue;
    origins[setting.key] = choice.origin;
    if (setting.place !== undefined) put(settings, setting.place, choice.value);
  }
}

function profileOf(source: ConfigSource, input: SettingsInput): ProfileName {
  return (PROFILE && choiceOf(PROFILE, 'sgs', source, input)?.value) as ProfileName;
}

const PROFILE = SETTINGS.find(({ key }) => key === 'profile');
const OF_LOG = SETTINGS.filter(({ key }) => key.startsWith('log.'));

const BY_DEFAULT: Origin = { from: 'default' };

/** The first of the variables, the name of the call, the files and the default that gives the key a value. */
function choiceOf(
  setting: Setting,
  profile: ProfileName,
  { table, origins }: ConfigSource,
  input: SettingsInput,
): Choice | undefined {
  const { key, variables, calledAs, fallback, fallbackOf } = setting;
  const chosen = variables && fromEnvironment(variables, profile, input.env);
  if (chosen !== undefined) return chosen;
  if (calledAs !== undefined && isCalled(calledAs.name, input)) {
    return { value: calledAs.value, origin: { from: 'call' } };
  }
  const written = writtenValue(setting, table);
  if (written !== undefined) return { value: written, origin: origins[key] ?? BY_DEFAULT };
  const value = fallbackOf?.[profile] ?? fallback;
  return value === undefined ? undefined : { value, origin: BY_DEFAULT };
}

function fromEnvironment(
  variables: NonNullable<Setting['variables']>,
  profile: ProfileName,
  env: SettingsInput['env'],
): Choice | undefined {
  for (const variable of variables) {
    const text = env[variable.name];
    // Most are not set.
    if (!text || (variable.profile ?? profile) !== profile) continue;
    const value = variable.read(text);
    if (value !== undefined) return { value, origin: { from: 'environment', variable: variable.name } };
  }
  return undefined;
}

function isCalled(name: string, { invokedAs, execFn = '' }: SettingsInput): boolean {
  return (
    invokedAs === name || execFn === name || invokedAs.endsWith(`/${name}`) || execFn.endsWith(`/${name}`)
  );
}

/** What the files say; undefined if they do not say it. */
function writtenValue({ key, fromFile }: Setting, table: ConfigValues): unknown {
  if (table === NO_CONFIG.table) return undefined;
  const written = valueAt(table, key.split('.'));
  return written === undefined || fromFile === undefined ? written : fromFile(written as never);
}

/** The value of a nested member; undefined if there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const name of path) inner = (inner as Readonly<Record<string, unknown>> | undefined)?.[name];
  return inner;
}

function put(
  settings: Record<string, unknown>,
  [name = '', member]: readonly string[],
  value: unknown,
): void {
  settings[name] =
    member === undefined ? value : { ...(settings[name] as object | undefined), [member]: value };
}

/** Those that the environment or the name of the call can choose, or that the profile has a say in. */
const OF_THE_CALL = SETTINGS.filter(
  ({ variables, calledAs, fallbackOf }) => variables ?? calledAs ?? fallbackOf,
);

/** The others without a configuration, which is what most nodes have: put together once. */
const UNWRITTEN: Chosen = { settings: {}, origins: {} };
choose(
  SETTINGS.filter((setting) => !OF_THE_CALL.includes(setting)),
  UNWRITTEN,
  'sgs',
  NO_CONFIG,
  { env: {}, invokedAs: '' },
);

/** The runtimes that the files and the environment name. A variable stands for the runtime of whatever mode. */
function runtimePaths(
  { table, origins: inFiles }: ConfigSource,
  origins: Readonly<Record<string, Origin>>,
  { env }: SettingsInput,
): Pick<ConfiguredRuntimes, 'named' | 'paths'> {
  const paths = Object.entries(table.runtime?.paths ?? {}).map(([mode, value]): [string, NamedRuntime] => {
    const key = `runtime.paths.${mode}`;
    const origin = inFiles[key];
    const file = origin?.from === 'file' ? ` of ${origin.file}` : '';
    return [mode, { value, from: 'configuration', by: `${key}${file}` }];
  });
  const origin = origins['runtime.paths.runc'];
  return {
    ...(paths.length === 0 ? {} : { paths: Object.fromEntries(paths) }),
    ...(origin?.from === 'environment' ? { named: namedBy(origin.variable, env) } : {}),
  };
}

function namedBy(variable: string, env: SettingsInput['env']): NamedRuntime {
  return { value: env[variable] ?? '', from: variable as CandidateOrigin, by: variable };
}

function requiredRuntime(profile: ProfileName): Pick<ConfiguredRuntimes, 'required'> {
  return profile === 'guardian' ? { required: GUARDIAN_BINARY } : {};
}

function leavesRuntimeAndLog({ table, origins }: ConfigSource): boolean {
  if (table === NO_CONFIG.table) return true;
  const isUsual = (setting: Setting) => [undefined, setting.fallback].includes(writtenValue(setting, table));
  return OF_LOG.every(isUsual) && !Object.keys(origins).some((key) => key.startsWith('runtime.'));
}
