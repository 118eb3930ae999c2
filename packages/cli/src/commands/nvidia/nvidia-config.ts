import {
  type DeviceHost,
  findNvidiaHookConfig,
  getNvidiaConfig,
  type NvidiaAnswer,
  type NvidiaOrigin,
  type NvidiaProfile,
  nvidiaCliArguments,
  nvidiaRuntimeMode,
  readContainerSpec,
} from '@opencontainers-ts/device-injector';
import { printable } from '@opencontainers-ts/runtime-spec';

import { resolve } from '../../system/paths.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import type { World } from '../world.js';

export interface NvidiaConfigOptions {
  readonly bundle: string;
  readonly profile: NvidiaProfile;
  /** Where the profile comes from: `default`, a variable, or a file. */
  readonly profileOrigin: string;
  /** A `config.toml` in the place of the one that the hook would find. */
  readonly config?: string;
  readonly json: boolean;
}

/** Plain data: what `ociwrap nvidia config --json` prints. Members are added, never renamed or removed. */
interface NvidiaReport {
  readonly profile: { readonly value: NvidiaProfile; readonly origin: string };
  readonly configFile: {
    readonly path: string | null;
    /** What the file sets, of the keys that the profile knows. */
    readonly keys: readonly string[];
  };
  readonly isGpuContainer: boolean;
  readonly isPrivileged: boolean;
  /** Of the NVIDIA Container Runtime, where the profile has modes: the hook refuses in any but `legacy`. */
  readonly mode: string | null;
  readonly values: readonly {
    readonly name: string;
    readonly value: string | boolean | readonly string[] | null;
    readonly origin: NvidiaOrigin;
  }[];
  /** Arguments of nvidia-container-cli, but for `--pid`. */
  readonly arguments: readonly string[];
  /** What the hook would say. */
  readonly messages: readonly string[];
}

/**
 * Shows what the NVIDIA hook would make of a bundle, and where each value comes from. Status 0 also for what is no GPU
 * container, 1 where the hook would refuse.
 *
 * @throws DeviceError with the code, in the hook's words
 */
export function nvidiaConfig(
  options: NvidiaConfigOptions,
  { env, cwd }: Pick<World, 'env' | 'cwd'>,
  host: DeviceHost,
): CommandOutput {
  const { bundle, profile, config: file, json } = options;
  const places = { env, cwd, ...(file === undefined ? {} : { file }) };
  const found = findNvidiaHookConfig(places, profile, host);
  const spec = readContainerSpec(bundle, cwd, host);
  const answer = getNvidiaConfig(spec, found.config, profile);
  const target = { pid: 0n, rootfs: resolve(bundle, spec.root.path), debug: false };
  const args =
    answer.config === undefined ? [] : nvidiaCliArguments(answer.config, found.config, target, profile);
  const mode =
    answer.config === undefined || profile !== 'current'
      ? undefined
      : nvidiaRuntimeMode(answer.config.devices, found.config);
  const report: NvidiaReport = {
    profile: { value: profile, origin: options.profileOrigin },
    configFile: { path: found.file ?? null, keys: [...found.keys].sort() },
    isGpuContainer: answer.config !== undefined,
    isPrivileged: answer.isPrivileged,
    mode: mode?.mode ?? null,
    values: valuesOf(answer),
    arguments: args.filter((argument) => !argument.startsWith('--pid=')),
    messages: [...answer.messages, ...(mode?.messages ?? [])].map(({ text }) => text),
  };
  return { status: 0, stdout: json ? jsonOutput(report) : reportText(report) };
}

function valuesOf({ config, origins }: NvidiaAnswer): NvidiaReport['values'] {
  if (config === undefined) {
    return [{ name: 'devices', value: null, origin: origins.devices ?? { from: 'default' } }];
  }
  return Object.entries(config).map(([name, value]) => ({
    name,
    value,
    origin: origins[name as keyof typeof config] ?? { from: 'default' },
  }));
}

function reportText({
  profile,
  configFile,
  isGpuContainer,
  isPrivileged,
  mode,
  ...rest
}: NvidiaReport): string {
  const { path, keys } = configFile;
  const rows = rest.values.map(({ name, value, origin }) => [
    `${name} = ${JSON.stringify(value)}`,
    originText(origin),
  ]);
  const width = Math.max(...rows.map(([text = '']) => text.length));
  const from =
    path === null
      ? 'no file: every key at its default'
      : `${path}, which sets ${keys.join(', ') || 'no known key'}`;
  const lines = [
    `profile ${profile.value}  # ${profile.origin}`,
    `config.toml: ${from}`,
    `${isGpuContainer ? 'a GPU container' : 'no GPU container'}, ${isPrivileged ? '' : 'not '}privileged${isGpuContainer ? '' : ': the hook does nothing'}`,
    ...rows.map(([text = '', origin]) => `  ${text.padEnd(width)}  # ${origin}`),
    ...(mode === null || mode === 'legacy' ? [] : [`mode ${mode}: the hook refuses`]),
    ...(isGpuContainer ? [`nvidia-container-cli ${rest.arguments.join(' ')}`] : []),
    ...rest.messages.map((message) => `the hook says: ${message}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function originText(origin: NvidiaOrigin): string {
  const note = origin.note === undefined ? '' : `; ${origin.note}`;
  return `${sourceText(origin)}${note}`;
}

function sourceText(origin: NvidiaOrigin): string {
  switch (origin.from) {
    case 'environment':
      return [...origin.variables, ...(origin.keys ?? [])].join(', ');
    case 'legacy-image':
      return `${origin.variables.join(', ')} without NVIDIA_REQUIRE_CUDA: an image of CUDA 8 or before`;
    case 'mounts':
      return `mounts at ${origin.destinations.join(', ')}`;
    case 'configuration':
      return `config.toml: ${origin.keys.join(', ')}`;
    default:
      return 'default';
  }
}
