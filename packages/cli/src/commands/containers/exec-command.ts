import type { CommandModule } from 'yargs';

import type { CommandOutput } from '../output.js';
import { usageError } from '../usage-error.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import { CONTAINER_OPTIONS, type ContainerArguments, choiceOf, ID_POSITIONAL } from './container-options.js';
import { endedOutput } from './ended-output.js';
import { type ContainersWorld, describedFor, loadedCommands } from './loaded-commands.js';
import { programFailure } from './program-status.js';

interface ExecArguments extends ContainerArguments {
  readonly id: string;
  readonly tty: boolean;
  readonly '--'?: readonly (string | number)[];
}

/** `ociwrap exec`. */
export function execCommand(world: ContainersWorld, emit: Emit): CommandModule<object, ExecArguments> {
  return {
    command: 'exec <id>',
    describe: describedFor(world, 'Run a program in a container, and end as it does'),
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            'Runs a program in a container that runs, and ends with its status, as `ociwrap run` does.',
            [
              ['exec web -- ls /', 'what is in its root?'],
              ['exec web -t -- sh', 'a shell in it, on this terminal'],
            ],
          ),
        )
        .positional('id', ID_POSITIONAL)
        .option('tty', {
          alias: 't',
          type: 'boolean',
          default: false,
          describe: 'Give the program this terminal',
        })
        .options(CONTAINER_OPTIONS),
    handler: async (args) => emit(await exec(args, world)),
  };
}

export async function exec(args: ExecArguments, world: ContainersWorld): Promise<CommandOutput> {
  try {
    const command = (args['--'] ?? []).map(String);
    if (command.length === 0) throw usageError('give a program and its arguments after "--"', 'ociwrap exec');
    const commands = await loadedCommands(world, 'exec');
    const { id, tty: terminal, json } = args;
    const end = await commands.exec({ ...choiceOf(args, world), id, command, terminal });
    return endedOutput('the program', end, { id, json });
  } catch (error) {
    return programFailure(error);
  }
}
