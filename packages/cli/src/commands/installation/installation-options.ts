import type { Options } from 'yargs';

import { CliError } from '../../cli-error.js';
import { enterHostRoot } from '../../installation/host-root.js';
import { DEFAULT_PREFIX, type Layout, layoutOf } from '../../installation/layout.js';
import { resolve } from '../../system/paths.js';
import type { System } from '../../system/system.js';
import type { World } from '../world.js';

export type InstallationWorld = Pick<
  World,
  'system' | 'env' | 'cwd' | 'userId' | 'version' | 'settings' | 'readInput' | 'settingsFor' | 'paint'
>;

/** Where the installation is. */
export interface PlaceArguments {
  readonly prefix: string;
  readonly 'host-root': string | undefined;
  readonly json: boolean;
}

/** The options that all of these commands have. */
export const PLACE_OPTIONS = {
  prefix: {
    type: 'string',
    requiresArg: true,
    default: DEFAULT_PREFIX,
    describe: 'The folder of the installation',
  },
  'host-root': {
    type: 'string',
    requiresArg: true,
    describe: 'The root folder of the node, where this is called in a container',
  },
  json: { type: 'boolean', default: false, describe: 'Print data for machines' },
} as const satisfies Readonly<Record<string, Options>>;

/** The options of those that change something. */
export const CHANGE_OPTIONS = {
  'dry-run': { type: 'boolean', default: false, describe: 'Only print the steps' },
  watch: {
    type: 'boolean',
    default: false,
    describe: 'Do it again and again, until SIGTERM',
  },
  'restart-engines': {
    type: 'boolean',
    alias: 'restart',
    default: false,
    describe: 'Restart or reload engines where that is needed',
  },
  interval: {
    type: 'number',
    requiresArg: true,
    default: 60,
    describe: 'Seconds between two times',
  },
} as const satisfies Readonly<Record<string, Options>>;

/** `--as` of `install` and of `uninstall`, to which it means something else where it is not given. */
export const AS_OPTION = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
} as const satisfies Options;

/** How their command lines are read: `--as A B` names one program. */
export const CHANGE_PARSING = { 'populate--': true, 'greedy-arrays': false } as const;

/** What those options say. */
export interface ChangeArguments extends PlaceArguments {
  readonly as: string[];
  readonly 'dry-run': boolean;
  readonly watch: boolean;
  readonly interval: number;
  readonly 'restart-engines': boolean;
}

/** Goes where the installation is to be: on this machine, or in the root of a node. */
export function enterPlace(
  system: System,
  { prefix, 'host-root': hostRoot }: PlaceArguments,
  cwd: string,
): Layout {
  if (hostRoot !== undefined) enterHostRoot(system, resolve(cwd, hostRoot));
  return layoutOf(resolve(hostRoot === undefined ? cwd : '/', prefix));
}

/** @throws CliError `ERR_OUTPUT_UNWRITABLE` */
export function refuseOthers({ userId }: Pick<World, 'userId'>): void {
  if (userId === 0) return;
  throw new CliError('ERR_OUTPUT_UNWRITABLE', 'only root can change an installation', {
    hint: 'call it as root',
  });
}

/**
 * A number of seconds of the command line.
 *
 * @throws CliError `ERR_USAGE`
 */
export function secondsOf(option: string, seconds: number): number {
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new CliError('ERR_USAGE', `${option} takes a number of seconds`);
}

/** Paths of the command line, as the engine has them. */
export function absolutePaths(paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    if (!path.startsWith('/'))
      throw new CliError('ERR_USAGE', `--as takes an absolute path, and not ${path}`);
  }
  return paths.map((path) => resolve('/', path));
}
