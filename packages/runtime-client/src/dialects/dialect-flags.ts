import { RUNTIME_GRAMMAR } from '@opencontainers-ts/runtime-resolver/grammar';

import type { CommandName } from './command-name.js';
import type { DialectName } from './dialect-name.js';

/** The options that a command takes, or those before the command, by their names without dashes. */
interface Flags {
  readonly values?: readonly string[];
  readonly booleans?: readonly string[];
}

type Commands = Readonly<Partial<Record<CommandName, Flags>>>;

/**
 * Commands that name no container, so that the grammar does not have their options. runc, crun and youki take `--format` and
 * `--quiet` of `list`, runsc also `--sandbox`.
 */
const WITHOUT_CONTAINER: Commands = { list: { values: ['format'], booleans: ['quiet'] }, features: {} };

/**
 * What the runtime specification asks of a command line, and what the runtimes make of it alike: the OCI runtime command line
 * interface of opencontainers/runtime-tools has these options, and no global ones.
 */
const OF_THE_SPECIFICATION: Commands = {
  create: { values: ['bundle', 'console-socket', 'pid-file'] },
  start: {},
  state: {},
  kill: {},
  delete: {},
};

/** The options of a command of a dialect; undefined: it has no such command, in no version. */
export function flagsOf(dialect: DialectName, command: CommandName): Flags | undefined {
  if (dialect === 'unknown') return OF_THE_SPECIFICATION[command];
  const verbs: Commands = RUNTIME_GRAMMAR[dialect].verbs;
  return verbs[command] ?? WITHOUT_CONTAINER[command];
}

/** The options of a dialect that stand before the command. */
export function globalFlagsOf(dialect: DialectName): Flags {
  return dialect === 'unknown' ? {} : RUNTIME_GRAMMAR[dialect].global;
}

/** Whether there is such an option, which takes a value or is one by itself. */
export function hasFlag(flags: Flags, name: string): boolean {
  return [...(flags.values ?? []), ...(flags.booleans ?? [])].includes(name);
}
