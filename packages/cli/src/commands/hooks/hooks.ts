import { HOOK_STAGES, type HookStage } from '@opencontainers-ts/runtime-client/values';
import type { CommandModule } from 'yargs';

import { usageError } from '../usage-error.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import { type HooksWorld, hooksRun } from './hooks-run.js';

interface RunArguments {
  readonly stage: HookStage;
  readonly bundle: string;
  readonly id: string | undefined;
  readonly pid: number | undefined;
  readonly status: string | undefined;
  readonly json: boolean;
}

/** `ociwrap hooks`. */
export function hooksCommand(world: HooksWorld, emit: Emit): CommandModule {
  return {
    command: 'hooks',
    describe: 'Run the hooks of a bundle by hand',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Runs the hooks of a bundle by hand.', [
            ['hooks run --stage prestart', 'those of the bundle in this folder'],
            ['hooks run --stage poststop --bundle /run/b --id c1', 'what would delete run?'],
          ]),
        )
        .command<RunArguments>({
          command: 'run',
          describe: 'Run the hooks of one stage in their order, as the specification has it',
          builder: (run) =>
            run
              .option('stage', {
                choices: Object.keys(HOOK_STAGES) as HookStage[],
                demandOption: true,
                requiresArg: true,
                describe: 'Which list of hooks',
              })
              .option('bundle', {
                alias: 'b',
                type: 'string',
                requiresArg: true,
                default: '.',
                describe: 'Bundle folder',
              })
              .option('id', {
                type: 'string',
                requiresArg: true,
                defaultDescription: 'the name of the bundle folder',
                describe: 'Id in the state that the hooks get',
              })
              .option('pid', {
                type: 'number',
                requiresArg: true,
                describe: 'Pid in the state; none if left out',
              })
              .option('status', {
                type: 'string',
                requiresArg: true,
                defaultDescription: 'what the specification says',
                describe: 'Status in the state',
              })
              .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
          handler: async ({ stage, bundle, id, pid, status, json }) => {
            if (pid !== undefined && !(Number.isSafeInteger(pid) && pid > 0)) {
              throw usageError('--pid must be a whole number above zero');
            }
            emit(await hooksRun({ stage, bundle, id, pid, status, json }, world));
          },
        })
        .demandCommand(1, 'say what to do: run'),
    handler: () => undefined,
  };
}
