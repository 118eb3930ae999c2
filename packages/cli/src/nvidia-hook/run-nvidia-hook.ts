import {
  type DeviceError,
  type DeviceHost,
  findNvidiaHookConfig,
  type NvidiaHookPlan,
  type NvidiaProfile,
  nvidiaExecFailure,
  nvidiaMessageLine,
  planNvidiaHook,
  readContainerState,
} from '@opencontainers-ts/device-injector';
import { printable } from '@opencontainers-ts/runtime-spec';

import { readEnvironment } from '../call/runtime-environment.js';
import { environmentForCli } from './cli-environment.js';
import { hookUsage, readHookArguments } from './hook-flags.js';

/** A call of the hook, and what it may do. */
export interface HookProcess {
  /** argv[0]. */
  readonly name: string;
  /** Without the name, and without `nvidia-hook`. */
  readonly args: readonly string[];
  readonly env: readonly Uint8Array[];
  readonly cwd: string;
  readonly profile: NvidiaProfile;
  /** Of ociwrap. */
  readonly version: string;
  readonly host: DeviceHost;
  /** The next piece of standard input; undefined at its end. */
  readonly readInput: () => Uint8Array | undefined;
  readonly writeOutput: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly now: () => Date;
  /** execve: comes back only with an error. */
  readonly become: (file: string, argv: readonly string[], env: readonly Uint8Array[]) => never;
}

/**
 * The NVIDIA Container Runtime Hook: becomes nvidia-container-cli for a GPU container, and says nothing about any other.
 *
 * @returns the exit status: 0, 1 refused, 2 wrong usage
 */
export function runNvidiaHook(call: HookProcess): number {
  const { args, profile, version } = call;
  const command = readHookArguments(args, profile);
  switch (command.kind) {
    case 'nothing':
      return 0;
    case 'version':
      call.writeOutput(`NVIDIA Container Runtime Hook version ${version} (ociwrap)\n`);
      return 0;
    case 'usage': {
      const problem = command.problem === undefined ? '' : `${printable(command.problem)}\n`;
      call.writeError(`${problem}${hookUsage(printable(call.name), profile)}\n`);
      return command.status;
    }
    default:
      return prestart(call, command.debug, command.config);
  }
}

function prestart(call: HookProcess, debug: boolean, file: string | undefined): number {
  try {
    const plan = planCall(call, debug, file);
    if (plan !== undefined) becomeCli(call, plan);
    return 0;
  } catch (error) {
    const { message, stack, code } = error as DeviceError;
    // Of the messages only one about config.toml has two lines; in any other a line feed is the container's.
    for (const line of code === 'ERR_NVIDIA_CONFIG' ? message.split('\n') : [message]) say(call, line);
    if (debug && stack !== undefined) for (const line of stack.split('\n')) say(call, line);
    return 1;
  }
}

function planCall(call: HookProcess, debug: boolean, file: string | undefined): NvidiaHookPlan | undefined {
  const { profile, host, cwd, now } = call;
  const env = readEnvironment(call.env);
  const places = { env, cwd, ...(file === undefined ? {} : { file }) };
  const { config: hookConfig } = findNvidiaHookConfig(places, profile, host);
  const state = readContainerState(call.readInput);
  const { PATH } = env;
  return planNvidiaHook(
    { profile, hookConfig, state, debug, cwd, ...(PATH === undefined ? {} : { PATH }) },
    host,
    (message) => say(call, nvidiaMessageLine(message, profile, rfc3339(now()))),
  );
}

function becomeCli(call: HookProcess, { file, argv, path, environment }: NvidiaHookPlan): never {
  const env = environmentForCli(call.env, path, environment);
  try {
    return call.become(file, argv, env);
  } catch (cause) {
    throw nvidiaExecFailure(cause);
  }
}

/** Upstream's words; what a container or a file put between them cannot act on a terminal or begin a line. */
function say(call: HookProcess, line: string): void {
  call.writeError(`${printable(line)}\n`);
}

/** To the second, as logrus writes it, and in UTC. */
function rfc3339(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
