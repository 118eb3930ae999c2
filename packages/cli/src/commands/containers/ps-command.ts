import type { CommandModule } from 'yargs';

import { readFile } from '../../system/read-file.js';
import { isFailure, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import type { ContainerRow } from './container-commands.js';
import {
  CONTAINER_OPTIONS,
  type ContainerArguments,
  choiceOf,
  ID_POSITIONAL,
  wantsData,
} from './container-options.js';
import { tableText } from './container-table.js';
import { type ContainersWorld, describedFor, loadedCommands } from './loaded-commands.js';

interface PsArguments extends ContainerArguments {
  readonly id?: string | undefined;
}

/** `ociwrap ps`. */
export function psCommand(world: ContainersWorld, emit: Emit): CommandModule<object, PsArguments> {
  return {
    command: 'ps [id]',
    describe: describedFor(world, 'List the containers, or the processes of one'),
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Lists the containers of `ociwrap run`, or the processes of one.', [
            ['ps', 'which containers are there?'],
            ['ps web', 'and what runs in this one?'],
            ['ps --root /run/containerd/runc/k8s.io', 'which has runc for containerd?'],
          ]),
        )
        .positional('id', { ...ID_POSITIONAL, demandOption: false })
        .options(CONTAINER_OPTIONS),
    handler: async (args) => emit(await ps(args, world)),
  };
}

export async function ps(args: PsArguments, world: ContainersWorld): Promise<CommandOutput> {
  const commands = await loadedCommands(world, 'ps');
  const choice = choiceOf(args, world);
  if (args.id === undefined) {
    const containers = await commands.list(choice);
    return { status: 0, stdout: wantsData(args, world) ? jsonOutput({ containers }) : listText(containers) };
  }
  const pids = await commands.processes({ ...choice, id: args.id });
  const processes = pids.map((pid) => ({ pid, command: commandOf(world.system, pid) }));
  return {
    status: 0,
    stdout: wantsData(args, world)
      ? jsonOutput({ id: args.id, processes })
      : tableText(
          ['PID', 'COMMAND'],
          processes.map(({ pid, command }) => [String(pid), command]),
        ),
  };
}

function listText(rows: readonly ContainerRow[]): string {
  return tableText(
    ['ID', 'STATUS', 'PID', 'RUNTIME', 'CREATED', 'BUNDLE'],
    rows.map(({ id, status, pid, runtime, created = '-', bundle = '-', fault }) => [
      id,
      status,
      pid === undefined ? '-' : String(pid),
      runtime,
      created,
      fault ?? bundle,
    ]),
  );
}

/** The command line of a process; nothing of one that is gone by now, or of a thread of the kernel. */
function commandOf(system: System, pid: number): string {
  const bytes = readFile(system, `/proc/${pid}/cmdline`);
  return isFailure(bytes) ? '' : textOf(bytes).replace(/\0+$/, '').replaceAll('\0', ' ');
}
