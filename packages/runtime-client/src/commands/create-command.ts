import type { RuntimeVersion } from '../dialects/runtime-version.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { containerCommand } from './container-command.js';
import type { OptionRow } from './option-rows.js';
import { type Preserved, preservedOptions } from './preserved-descriptors.js';

/** What a container is made of, and how. */
export interface CreateOptions extends CallOptions {
  /** The folder of config.json. */
  readonly bundle: string;
  /** The runtime writes the process id of the container there. */
  readonly pidFile?: string;
  /** The path of a Unix socket that gets the terminal; it has to be at most 107 bytes long (unix(7)). */
  readonly consoleSocket?: string;
  /** Does not use pivot_root(2), for a root on a ramdisk. Not of runsc. */
  readonly noPivot?: boolean;
  /** Leaves the container in the caller's session keyring. Not of runsc. */
  readonly noNewKeyring?: boolean;
}

/** Rows that `create` and `run` have in common. */
const CREATE_ROWS: readonly OptionRow<CreateOptions>[] = [
  { option: 'bundle', flag: 'bundle', kind: 'text' },
  { option: 'pidFile', flag: 'pid-file', kind: 'text' },
  { option: 'consoleSocket', flag: 'console-socket', kind: 'text' },
  { option: 'noPivot', flag: 'no-pivot', kind: 'switch' },
  { option: 'noNewKeyring', flag: 'no-new-keyring', kind: 'switch' },
];

const PRESERVE_ROWS: readonly OptionRow<Preserved>[] = [
  { option: 'preserveFds', flag: 'preserve-fds', kind: 'count' },
  { option: 'passedFds', flag: 'pass-fd', kind: 'texts' },
];

/** `create [OPTIONS] ID` */
export function createCommand(
  runtime: RuntimeVersion,
  id: string,
  options: CreateOptions,
  descriptors = 0,
): CommandLine {
  return containerCommand<CreateOptions & Preserved>(runtime, 'create', id, {
    rows: [...CREATE_ROWS, ...PRESERVE_ROWS],
    options: { ...options, ...preservedOptions(runtime, 'create', descriptors) },
  });
}

/** How a container is run. */
export interface RunOptions extends CreateOptions {
  /** The runtime leaves as soon as the container runs. */
  readonly detach?: boolean;
  /** The container is not deleted when it has ended. Not of runsc. */
  readonly keep?: boolean;
}

const RUN_ROWS: readonly OptionRow<RunOptions & Preserved>[] = [
  ...CREATE_ROWS,
  ...PRESERVE_ROWS,
  { option: 'detach', flag: 'detach', kind: 'switch' },
  { option: 'keep', flag: 'keep', kind: 'switch' },
];

/** `run [OPTIONS] ID` */
export function runCommand(
  runtime: RuntimeVersion,
  id: string,
  options: RunOptions,
  descriptors = 0,
): CommandLine {
  return containerCommand(runtime, 'run', id, {
    rows: RUN_ROWS,
    options: { ...options, ...preservedOptions(runtime, 'run', descriptors) },
  });
}
