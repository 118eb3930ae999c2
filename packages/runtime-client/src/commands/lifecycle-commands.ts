import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { LAST_SIGNAL, signalNumber } from '../exit/exit-status.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { containerCommand } from './container-command.js';

/** Commands that take the id of a container and nothing else. */
export type PlainCommand = 'start' | 'state' | 'pause' | 'resume';

/** `start|state|pause|resume ID` */
export function plainCommand(
  runtime: RuntimeVersion,
  command: PlainCommand,
  id: string,
  options: CallOptions,
): CommandLine {
  return containerCommand(runtime, command, id, { options });
}

/** Whom a signal is for. */
export interface KillOptions extends CallOptions {
  /**
   * All processes of the container, not only its first one. runc and crun do it by the control group; runc from 1.2 on with SIGKILL alone, where
   * the container has no PID namespace of its own, and then also unasked.
   */
  readonly all?: boolean;
}

/** `kill [--all] ID NUMBER` */
export function killCommand(
  runtime: RuntimeVersion,
  id: string,
  signal: NodeJS.Signals | number,
  options: KillOptions,
): CommandLine {
  return containerCommand<KillOptions>(runtime, 'kill', id, {
    rows: [{ option: 'all', flag: 'all', kind: 'switch' }],
    options,
    words: [`${numberToSend(signal)}`],
  });
}

// By its number, which all runtimes take: they differ in the names of real-time signals. Not 0, which is sent to nobody (kill(2)).
function numberToSend(signal: NodeJS.Signals | number): number {
  const number = signalNumber(signal);
  if (number !== undefined && number !== 0) return number;
  const given = typeof signal === 'string' ? quoted(signal) : String(signal);
  throw new RuntimeClientError(
    'ERR_RUNTIME_OPTION',
    `${given} is not a signal: a name such as SIGTERM, or a number from 1 to ${LAST_SIGNAL}`,
    { details: { option: 'signal' } },
  );
}

/** Which containers are deleted. */
export interface DeleteOptions extends CallOptions {
  /** Kills the container first if it is still there; none that is missing is an error then for some runtimes only. */
  readonly force?: boolean;
}

/** `delete [--force] ID` */
export function deleteCommand(runtime: RuntimeVersion, id: string, options: DeleteOptions): CommandLine {
  return containerCommand<DeleteOptions>(runtime, 'delete', id, {
    rows: [{ option: 'force', flag: 'force', kind: 'switch' }],
    options,
  });
}
