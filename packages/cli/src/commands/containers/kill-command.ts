import type { CommandModule } from 'yargs';

import { type CommandOutput, jsonOutput } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import {
  CONTAINER_OPTIONS,
  type ContainerArguments,
  choiceOf,
  ID_POSITIONAL,
  wantsData,
} from './container-options.js';
import { type ContainersWorld, describedFor, loadedCommands } from './loaded-commands.js';

interface KillArguments extends ContainerArguments {
  readonly id: string;
  readonly signal: string;
}

/** `ociwrap kill`. */
export function killCommand(world: ContainersWorld, emit: Emit): CommandModule<object, KillArguments> {
  return {
    command: 'kill <id> [signal]',
    describe: describedFor(world, 'Send a signal to the first process of a container'),
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Sends a signal to the first process of a container.', [
            ['kill web', 'ask it to end: SIGTERM'],
            ['kill web KILL', 'end it; SIGKILL and 9 are the same'],
          ]),
        )
        .positional('id', ID_POSITIONAL)
        .positional('signal', {
          type: 'string',
          default: 'SIGTERM',
          describe: 'Name or number of the signal',
        })
        .options(CONTAINER_OPTIONS),
    handler: async (args) => emit(await kill(args, world)),
  };
}

export async function kill(args: KillArguments, world: ContainersWorld): Promise<CommandOutput> {
  const commands = await loadedCommands(world, 'kill');
  const { id } = args;
  const signal = signalName(args.signal);
  await commands.kill({ ...choiceOf(args, world), id }, signal);
  return wantsData(args, world) ? { status: 0, stdout: jsonOutput({ id, signal }) } : { status: 0 };
}

/** `term` and `TERM` are SIGTERM, a number is one. */
function signalName(given: string): string {
  if (/^\d+$/.test(given)) return given;
  const name = given.toUpperCase();
  return name.startsWith('SIG') ? name : `SIG${name}`;
}
