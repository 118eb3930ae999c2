import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { refusalLine, refusalOf } from '../../call/refusal.js';
import { CliError } from '../../cli-error.js';
import type { OwnUser } from '../../installation/own-users.js';
import { stepText } from '../../installation/steps.js';
import { type Uninstalled, type UninstallRequest, uninstall } from '../../installation/uninstall.js';
import { outcomeJson, outcomeText } from '../engine/engine-outcome.js';
import { failure } from '../failure.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import {
  AS_OPTION,
  absolutePaths,
  CHANGE_OPTIONS,
  CHANGE_PARSING,
  type ChangeArguments,
  enterPlace,
  type InstallationWorld,
  PLACE_OPTIONS,
  refuseOthers,
  secondsOf,
} from './installation-options.js';
import { awaitEnd, watch } from './watch.js';

interface UninstallArguments extends ChangeArguments {
  readonly purge: boolean;
  readonly wait: number;
}

/** Between two looks at who is still running, in milliseconds. */
const BETWEEN_LOOKS = 1000;

/** Removes what is installed, or says who still needs it. */
export async function runUninstall(
  given: UninstallArguments,
  world: InstallationWorld,
): Promise<CommandOutput> {
  const { system } = world;
  try {
    if (!given['dry-run']) refuseOthers(world);
    const interval = secondsOf('--interval', given.interval);
    const wait = secondsOf('--wait', given.wait);
    const places = absolutePaths(given.as);
    const layout = enterPlace(system, given, world.cwd);
    system.umask(0o022);
    const request: UninstallRequest = {
      layout,
      places,
      purge: given.purge,
      mayRestart: given['restart-engines'],
      isDryRun: given['dry-run'],
    };
    const once = () => uninstallOutput(request, uninstall(system, request), given, world);
    if (given.watch) return await watch(system, interval, () => Promise.resolve().then(once));
    const end = system.uptime() + wait * 1000;
    for (;;) {
      const output = once();
      const isOver = output.status === 0 || request.isDryRun || system.uptime() >= end;
      if (isOver || awaitEnd(system, BETWEEN_LOOKS)) return output;
    }
  } catch (error) {
    return failure(error);
  }
}

function uninstallOutput(
  { layout, isDryRun, places }: UninstallRequest,
  { steps, users, engines }: Uninstalled,
  { json, watch: isWatch }: UninstallArguments,
  { paint }: InstallationWorld,
): CommandOutput {
  const status = users.length > 0 ? 1 : 0;
  const stderr = users.length > 0 ? `ociwrap: ${inUseLine(layout.prefix, users)}\n` : undefined;
  const told = stderr === undefined ? {} : { stderr };
  if (json) {
    const about = { prefix: layout.prefix, isDryRun, steps, containers: users };
    return { status, ...told, stdout: jsonOutput({ ...about, engines: engines.map(outcomeJson) }) };
  }
  const changed = engines.filter(({ files, reloaded }) => files.length > 0 || reloaded === 'done');
  const lines = [
    ...changed.map((outcome) => outcomeText(outcome, paint, { isDryRun, isConfigured: false })),
    ...[...steps.map(stepText), ...users.map(userText)].map((line) => `${line}\n`),
  ];
  const what = places.length > 0 ? places.join(', ') : layout.prefix;
  const end = isDryRun ? 'nothing was done' : `nothing of ociwrap is left in ${what}`;
  const isSilent = users.length > 0 || (isWatch && lines.length === 0);
  return { status, ...told, stdout: `${lines.join('')}${isSilent ? '' : `${printable(end)}\n`}` };
}

/** A container for people. */
export function userText({ by, id, runtime }: OwnUser): string {
  const who = by === 'call' ? `the call of process ${id}` : `the container ${id} (${by})`;
  return printable(`${who} runs under ${runtime}`);
}

function inUseLine(prefix: string, users: readonly OwnUser[]): string {
  const count = `${users.length} container${users.length === 1 ? '' : 's'}`;
  const message = `what is in ${quoted(prefix)} is still needed by ${count}, and stays as long`;
  return refusalLine(refusalOf(new CliError('ERR_INSTALLATION_IN_USE', message)));
}

/** `ociwrap uninstall`. */
export function uninstallCommand(
  world: InstallationWorld,
  emit: Emit,
): CommandModule<object, UninstallArguments> {
  return {
    command: 'uninstall',
    describe: 'Remove what is installed, as soon as no container needs it',
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            'Removes what is installed, as soon as no container runs under it. Volumes stay as they are.',
            [
              ['uninstall', 'all but what somebody else has written to /etc/ociwrap, and the log'],
              ['uninstall --wait 600', 'wait ten minutes for containers to end'],
              ['uninstall --as /usr/bin/runc', 'only put runc back to its place'],
            ],
          ),
        )
        .parserConfiguration(CHANGE_PARSING)
        .options(PLACE_OPTIONS)
        .options(CHANGE_OPTIONS)
        .option('as', {
          ...AS_OPTION,
          defaultDescription: 'all',
          describe: 'Program to put back, where the rest is to stay; may be repeated',
        })
        .option('purge', {
          type: 'boolean',
          default: false,
          describe: 'Remove /etc/ociwrap and the log, too',
        })
        .option('wait', {
          type: 'number',
          requiresArg: true,
          default: 0,
          describe: 'Seconds to wait for containers to end',
        }),
    handler: async (given) => emit(await runUninstall(given, world)),
  };
}
