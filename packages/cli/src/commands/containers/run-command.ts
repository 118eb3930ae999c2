import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { resolve } from '../../system/paths.js';
import { bytesOf } from '../../system/text.js';
import { writeAll } from '../../system/write-all.js';
import { type CommandOutput, jsonOutput, wantsColor } from '../output.js';
import { usageError } from '../usage-error.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import { CONTAINER_OPTIONS, type ContainerArguments, choiceOf, wantsData } from './container-options.js';
import { endedOutput } from './ended-output.js';
import { type ContainersWorld, describedFor, loadedCommands } from './loaded-commands.js';
import { programFailure } from './program-status.js';

interface RunArguments extends ContainerArguments {
  readonly bundle: string;
  readonly id?: string | undefined;
  readonly detach: boolean;
  readonly tty: boolean;
}

/** `ociwrap run`. */
export function runCommand(world: ContainersWorld, emit: Emit): CommandModule<object, RunArguments> {
  return {
    command: 'run <bundle>',
    describe: describedFor(world, 'Run a container from a bundle, and end as it does'),
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            `Runs a container from a bundle, with the streams of this command, hands signals on
to it, destroys it when it has ended, and ends with its status: 128 and the number
of the signal if one killed it. 125: it was not started; 126, 127: its program
cannot be executed, or is not there.`,
            [
              ['run /run/b', 'run it with runc'],
              ['run /run/b --runtime crun -t', 'with crun, on this terminal'],
              ['run /run/b --id web --detach', 'let it run, and print its id'],
            ],
          ),
        )
        .positional('bundle', { type: 'string', demandOption: true, describe: 'Folder of config.json' })
        .option('id', {
          type: 'string',
          requiresArg: true,
          defaultDescription: 'a new one',
          describe: 'Id of the container',
        })
        .option('detach', {
          alias: 'd',
          type: 'boolean',
          default: false,
          describe: 'Leave it running, without streams',
        })
        .option('tty', {
          alias: 't',
          type: 'boolean',
          default: false,
          describe: 'Give it this terminal; process.terminal has to be true',
        })
        .options(CONTAINER_OPTIONS),
    handler: async (args) => emit(await run(args, world)),
  };
}

/** Runs a container. Whatever it cannot do has a status of its own, so that the program's can be told from it. */
export async function run(args: RunArguments, world: ContainersWorld): Promise<CommandOutput> {
  const tell = progressOn(world);
  try {
    if (args.detach && args.tty) throw usageError('--detach and --tty exclude each other', 'ociwrap run');
    const commands = await loadedCommands(world, 'run');
    const request = {
      ...choiceOf(args, world),
      bundle: resolve(world.cwd, args.bundle),
      ...(args.id !== undefined && { id: args.id }),
      tell,
    };
    if (args.detach) {
      const started = await commands.start(request);
      return { status: 0, stdout: wantsData(args, world) ? jsonOutput(started) : `${started.id}\n` };
    }
    const { id, end } = await commands.run({ ...request, terminal: args.tty });
    return endedOutput(`container ${id}`, end, { id, json: args.json });
  } catch (error) {
    tell(undefined);
    return programFailure(error);
  }
}

/** A line on a terminal, while the runtime makes the container; it is gone before the container writes. */
function progressOn({ system, env }: ContainersWorld): (creating: string | undefined) => void {
  if (!wantsColor(system.isatty(2), { TERM: env['TERM'] })) return () => undefined;
  return (creating) => {
    const text = creating === undefined ? '' : printable(`creating the container ${creating} ...`);
    writeAll(system, 2, bytesOf(`\r\u001b[K${text}`));
  };
}
