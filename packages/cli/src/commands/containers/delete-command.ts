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

interface DeleteArguments extends ContainerArguments {
  readonly id: string;
  readonly force: boolean;
}

/** `ociwrap delete`. */
export function deleteCommand(world: ContainersWorld, emit: Emit): CommandModule<object, DeleteArguments> {
  return {
    command: 'delete <id>',
    describe: describedFor(world, 'Remove a container that has ended, with all that belongs to it'),
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            'Removes a container that has ended: from its runtime, its control group and its record.',
            [
              ['delete web', 'when it has ended'],
              ['delete web --force', 'end it first; also one that was half created'],
            ],
          ),
        )
        .positional('id', ID_POSITIONAL)
        .option('force', {
          alias: 'f',
          type: 'boolean',
          default: false,
          describe: 'Kill it first if it runs',
        })
        .options(CONTAINER_OPTIONS),
    handler: async (args) => emit(await deleteContainer(args, world)),
  };
}

export async function deleteContainer(args: DeleteArguments, world: ContainersWorld): Promise<CommandOutput> {
  const commands = await loadedCommands(world, 'delete');
  const { id, force } = args;
  await commands.delete({ ...choiceOf(args, world), id }, { force });
  return wantsData(args, world) ? { status: 0, stdout: jsonOutput({ id }) } : { status: 0 };
}
