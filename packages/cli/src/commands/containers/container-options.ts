import { resolve } from '../../system/paths.js';
import type { World } from '../world.js';
import type { RuntimeChoice } from './container-commands.js';

/** The options that all commands about containers have. */
export const CONTAINER_OPTIONS = {
  runtime: {
    type: 'string',
    requiresArg: true,
    describe: 'Path or name of the runtime',
  },
  root: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder in which the runtime keeps its containers',
  },
  'runtime-flag': {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'Option of the runtime itself, without its dashes',
  },
  json: { type: 'boolean', default: false, describe: 'Print data for machines' },
} as const;

export const ID_POSITIONAL = {
  type: 'string',
  demandOption: true,
  describe: 'Id of the container, or how it begins',
} as const;

export interface ContainerArguments {
  readonly runtime?: string | undefined;
  readonly root?: string | undefined;
  readonly runtimeFlag?: readonly string[] | undefined;
  readonly json: boolean;
}

/** A name stays one, for PATH; a path is one for whoever looks at the record from another folder. */
export function choiceOf(
  { runtime, root, runtimeFlag }: ContainerArguments,
  { cwd }: Pick<World, 'cwd'>,
): RuntimeChoice {
  return {
    ...(runtime !== undefined && { runtime: runtime.includes('/') ? resolve(cwd, runtime) : runtime }),
    ...(root !== undefined && { root: resolve(cwd, root) }),
    ...(runtimeFlag !== undefined && { globalArgs: runtimeFlag.map(asOption) }),
  };
}

/** As podman takes them in its option of this name; with dashes, too. */
const asOption = (flag: string): string => (flag.startsWith('-') ? flag : `--${flag}`);

/** Data where nobody reads it, and where it is asked for. */
export function wantsData({ json }: ContainerArguments, { system }: Pick<World, 'system'>): boolean {
  return json || !system.isatty(1);
}
