import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { CliError } from '../../cli-error.js';
import { type InstallRequest, install } from '../../installation/install.js';
import { readOwnProgram } from '../../installation/own-program.js';
import { type Step, stepText } from '../../installation/steps.js';
import { checkConfig } from '../config.js';
import { failure } from '../failure.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { readInputFile } from '../read-input.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import {
  absolutePaths,
  CHANGE_OPTIONS,
  type ChangeArguments,
  enterPlace,
  type InstallationWorld,
  PLACE_OPTIONS,
  refuseOthers,
} from './installation-options.js';
import { watch } from './watch.js';

interface InstallArguments extends ChangeArguments {
  readonly as: string[];
  readonly config: string | undefined;
}

/** Installs this program, or mends what is installed. */
export async function runInstall(
  given: InstallArguments,
  world: InstallationWorld,
  isUpgrade: boolean,
): Promise<CommandOutput> {
  const { system, version } = world;
  try {
    if (!given['dry-run']) refuseOthers(world);
    const program = readOwnProgram(system, version);
    const configuration = given.config === undefined ? undefined : readInputFile(given.config, world);
    const places = absolutePaths(given.as);
    const layout = enterPlace(system, given, world.cwd);
    if (configuration !== undefined) await refuseFaulty(given.config ?? '', configuration, world);
    system.umask(0o022);
    const request: InstallRequest = {
      layout,
      program,
      places,
      ...(configuration === undefined ? {} : { configuration }),
      isUpgrade,
      isDryRun: given['dry-run'],
    };
    const once = () => installOutput(request, install(system, request), given);
    return given.watch ? watch(system, given.interval, once) : once();
  } catch (error) {
    return failure(error);
  }
}

/** As `ociwrap config check` looks at it, on the node. */
async function refuseFaulty(file: string, bytes: Uint8Array, world: InstallationWorld): Promise<void> {
  const { status, stderr = '' } = await checkConfig('/dev/stdin', { ...world, readInput: () => bytes });
  if (status === 0) return;
  const told = stderr.trimEnd().replaceAll('/dev/stdin', printable(file)).replaceAll('ociwrap: ', '');
  throw new CliError('ERR_SETTINGS_INVALID', `the configuration that was given cannot be used: ${told}`);
}

function installOutput(
  { layout, program, isDryRun }: InstallRequest,
  steps: readonly Step[],
  { json, watch: isWatch }: InstallArguments,
): CommandOutput {
  if (json)
    return {
      status: 0,
      stdout: jsonOutput({ prefix: layout.prefix, version: program.name, isDryRun, steps }),
    };
  if (steps.length === 0) {
    return {
      status: 0,
      stdout: isWatch ? '' : printable(`${program.name} is installed in ${layout.prefix}`).concat('\n'),
    };
  }
  const lines = steps.map((step) => `${stepText(step)}\n`).join('');
  const end = isDryRun ? 'nothing was done' : `${program.name} is installed in ${layout.prefix}`;
  return { status: 0, stdout: `${lines}${printable(end)}\n` };
}

const AS = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
} as const;

/** `ociwrap install` and `ociwrap upgrade`. */
export function installCommand(
  world: InstallationWorld,
  emit: Emit,
  name: 'install' | 'upgrade',
): CommandModule<object, InstallArguments> {
  const isUpgrade = name === 'upgrade';
  return {
    command: name,
    describe: isUpgrade
      ? 'Put this program in the place of the installed version'
      : 'Install this program on this node, or mend what is installed',
    builder: (yargs) =>
      yargs
        .usage(
          isUpgrade
            ? usageText(
                'Puts this program in the place of the installed version. Calls go on all the time.',
                [['upgrade', 'what `install` does, where something is installed']],
              )
            : usageText('Installs this program on this node. Called again it mends what somebody changed.', [
                ['install', 'below /opt/ociwrap; engines call bin/oci-runtime-wrapper there'],
                ['install --as /usr/bin/runc', 'and in the place of runc, which becomes runc.real'],
                ['install --dry-run', 'which steps would that be?'],
                ['install --host-root /host --watch', 'what a DaemonSet does'],
              ]),
        )
        .parserConfiguration({ 'populate--': true, 'greedy-arrays': false })
        .options(PLACE_OPTIONS)
        .options(CHANGE_OPTIONS)
        .option('as', { ...AS, describe: 'Program whose place to take; may be repeated' })
        .option('config', {
          type: 'string',
          requiresArg: true,
          describe: 'Configuration for the node, if it has none',
        }),
    handler: async (given) => emit(await runInstall(given, world, isUpgrade)),
  };
}
