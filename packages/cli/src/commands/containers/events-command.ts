import { printableJson } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { CliError } from '../../cli-error.js';
import type { Failure } from '../../system/system.js';
import { bytesOf } from '../../system/text.js';
import { writeAll } from '../../system/write-all.js';
import type { CommandOutput } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import type { ContainerEvent } from './container-commands.js';
import {
  CONTAINER_OPTIONS,
  type ContainerArguments,
  choiceOf,
  ID_POSITIONAL,
  wantsData,
} from './container-options.js';
import { eventText } from './event-text.js';
import { type ContainersWorld, describedFor, loadedCommands } from './loaded-commands.js';

interface EventsArguments extends ContainerArguments {
  readonly id: string;
  readonly follow: boolean;
}

/** `ociwrap events`. */
export function eventsCommand(world: ContainersWorld, emit: Emit): CommandModule<object, EventsArguments> {
  return {
    command: 'events <id>',
    describe: describedFor(world, 'Show what a container uses, and what happens to it'),
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Shows what a container uses, and what its runtime tells of it, a line each.', [
            ['events web', 'what does it use now?'],
            ['events web --follow', 'and from now on, until it has ended'],
          ]),
        )
        .positional('id', ID_POSITIONAL)
        .option('follow', {
          alias: 'f',
          type: 'boolean',
          default: false,
          describe: 'Wait for more, until it has ended',
        })
        .options(CONTAINER_OPTIONS),
    handler: async (args) => emit(await events(args, world)),
  };
}

/**
 * Prints events as they come: with nobody who reads them any more (`| head`) it ends without words, and with status 1.
 *
 * @throws CliError `ERR_NODE_ONLY`; `ERR_OUTPUT_UNWRITABLE`
 */
export async function events(args: EventsArguments, world: ContainersWorld): Promise<CommandOutput> {
  const commands = await loadedCommands(world, 'events');
  const { id, follow } = args;
  const show = wantsData(args, world)
    ? (event: ContainerEvent) => printableJson(`${JSON.stringify(event)}\n`)
    : (event: ContainerEvent) => `${eventText(event)}\n`;
  let unwritten: Failure | undefined;
  await commands.events({ ...choiceOf(args, world), id }, { follow }, (event) => {
    unwritten = writeAll(world.system, 1, bytesOf(show(event)));
    return unwritten === undefined;
  });
  if (unwritten === undefined) return { status: 0 };
  if (unwritten.errno === 'EPIPE') return { status: 1 };
  throw new CliError('ERR_OUTPUT_UNWRITABLE', `cannot write standard output: ${unwritten.errno}`);
}
