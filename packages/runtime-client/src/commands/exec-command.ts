import type { Process } from '@opencontainers-ts/runtime-spec';

import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { checkWords, containerCommand } from './container-command.js';
import type { OptionRow } from './option-rows.js';
import { type Preserved, preservedOptions } from './preserved-descriptors.js';

/** The program that is run in a container, and how. */
export interface ExecOptions extends CallOptions {
  /** The program and its arguments. */
  readonly args?: readonly string[];
  /** A `process` as in config.json, instead of `args` and what describes it. */
  readonly process?: Process;
  /** The path of a file with a `process` as in config.json, instead of `args` and what describes it. */
  readonly processFile?: string;
  /** The working folder in the container. */
  readonly cwd?: string;
  /** `NAME=VALUE` each. */
  readonly env?: readonly string[];
  /** `UID` or `UID:GID`. */
  readonly user?: string;
  readonly additionalGids?: readonly number[];
  /** Names such as `CAP_NET_ADMIN`, besides those of the container. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** Gives the program a terminal. */
  readonly terminal?: boolean;
  readonly consoleSocket?: string;
  /** The runtime writes the process id of the program there. */
  readonly pidFile?: string;
  /** The runtime leaves as soon as the program runs. */
  readonly detach?: boolean;
  /** Also where the container is paused: the program waits until it is resumed. Of runc and youki. */
  readonly ignorePaused?: boolean;
}

const EXEC_ROWS: readonly OptionRow<ExecOptions & Preserved>[] = [
  { option: 'processFile', flag: 'process', kind: 'text' },
  { option: 'cwd', flag: 'cwd', kind: 'text' },
  { option: 'env', flag: 'env', kind: 'texts' },
  { option: 'user', flag: 'user', kind: 'text' },
  { option: 'additionalGids', flag: 'additional-gids', kind: 'counts' },
  { option: 'capabilities', flag: 'cap', kind: 'texts' },
  { option: 'noNewPrivileges', flag: 'no-new-privs', kind: 'switch' },
  { option: 'terminal', flag: 'tty', kind: 'switch' },
  { option: 'consoleSocket', flag: 'console-socket', kind: 'text' },
  { option: 'pidFile', flag: 'pid-file', kind: 'text' },
  { option: 'detach', flag: 'detach', kind: 'switch' },
  { option: 'ignorePaused', flag: 'ignore-paused', kind: 'switch' },
  { option: 'preserveFds', flag: 'preserve-fds', kind: 'count' },
  { option: 'passedFds', flag: 'pass-fd', kind: 'texts' },
];

/** `exec [OPTIONS] ID [ARGS...]` */
export function execCommand(
  runtime: RuntimeVersion,
  id: string,
  options: ExecOptions,
  descriptors = 0,
): CommandLine {
  const words = checkWords('args', options.args ?? []);
  if (words.length > 0 === (options.processFile !== undefined)) {
    throw new RuntimeClientError(
      'ERR_RUNTIME_OPTION',
      'exec takes either args, or one of process and processFile',
      {
        details: { option: 'args' },
      },
    );
  }
  return containerCommand(runtime, 'exec', id, {
    rows: EXEC_ROWS,
    options: { ...options, ...preservedOptions(runtime, 'exec', descriptors) },
    words,
  });
}
