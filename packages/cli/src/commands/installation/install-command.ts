import type { EngineName } from '@opencontainers-ts/engine-config';
import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule, Options } from 'yargs';
import { CliError } from '../../cli-error.js';
import { annotationPatterns } from '../../engines/annotation-patterns.js';
import { configureEngines, type EngineOutcome } from '../../engines/configure-engines.js';
import { type InstallRequest, install } from '../../installation/install.js';
import { binNames, WRAPPER_NAME } from '../../installation/layout.js';
import { readOwnProgram } from '../../installation/own-program.js';
import { type Step, stepText } from '../../installation/steps.js';
import { checkConfig } from '../config.js';
import { outcomeJson, outcomeText } from '../engine/engine-outcome.js';
import { failure } from '../failure.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { readInputFile } from '../read-input.js';
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
import { watch } from './watch.js';

interface InstallArguments extends ChangeArguments {
  readonly config: string | undefined;
  readonly engine: EngineName | 'auto' | undefined;
  readonly handler: string;
  readonly 'set-default': boolean;
  readonly 'own-configuration': boolean;
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
    const interval = secondsOf('--interval', given.interval);
    const places = absolutePaths(given.as);
    const layout = enterPlace(system, given, world.cwd);
    if (configuration !== undefined) await refuseFaulty(given.config ?? '', configuration, world);
    system.umask(0o022);
    const request: InstallRequest = {
      layout,
      program,
      places,
      ...(configuration === undefined ? {} : { configuration }),
      handlers: given['own-configuration'] ? [given.handler] : [],
      isUpgrade,
      isDryRun: given['dry-run'],
    };
    const once = async () => {
      const steps = install(system, request);
      const engines =
        given.engine === undefined ? [] : await giveHandler(request, given.engine, given, world);
      return installOutput(request, { steps, engines }, given, world);
    };
    return given.watch ? await watch(system, interval, once) : await once();
  } catch (error) {
    return failure(error);
  }
}

/** To engines of the node, by the rules that it has now. */
async function giveHandler(
  { layout, handlers, isDryRun }: InstallRequest,
  engine: EngineName | 'auto',
  given: InstallArguments,
  { system, settingsFor }: InstallationWorld,
): Promise<readonly EngineOutcome[]> {
  // That of the handler comes last.
  const program = `${layout.bin}/${handlers.length === 0 ? WRAPPER_NAME : (binNames(handlers).at(-1) ?? '')}`;
  const { rules } = await settingsFor(program);
  return configureEngines(system, {
    engine,
    handler: given.handler,
    isDryRun,
    mayRestart: given['restart-engines'],
    program,
    podAnnotations: annotationPatterns(rules),
    setDefault: given['set-default'],
  });
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
  { steps, engines }: { readonly steps: readonly Step[]; readonly engines: readonly EngineOutcome[] },
  { json, watch: isWatch }: InstallArguments,
  { paint }: InstallationWorld,
): CommandOutput {
  if (json) {
    const about = { prefix: layout.prefix, version: program.name, isDryRun };
    return { status: 0, stdout: jsonOutput({ ...about, steps, engines: engines.map(outcomeJson) }) };
  }
  // Again and again it is only told what has changed.
  const told = isWatch
    ? engines.filter(({ files, reloaded }) => files.length > 0 || reloaded === 'done')
    : engines;
  const lines = [
    ...steps.map((step) => `${stepText(step)}\n`),
    ...told.map((outcome) => outcomeText(outcome, paint, { isDryRun, isConfigured: true })),
  ];
  if (isWatch && lines.length === 0) return { status: 0 };
  const end = isDryRun ? 'nothing was done' : `${program.name} is installed in ${layout.prefix}`;
  return { status: 0, stdout: `${lines.join('')}${printable(end)}\n` };
}

const ENGINE_OPTIONS = {
  engine: {
    type: 'string',
    choices: ['auto', 'containerd', 'cri-o', 'docker', 'podman', 'buildkit'] as (EngineName | 'auto')[],
    describe: 'Engine to give a handler to; auto for all of the node',
  },
  handler: {
    type: 'string',
    requiresArg: true,
    default: 'pvc',
    describe: 'Name of the handler, as a RuntimeClass has it',
  },
  'own-configuration': {
    type: 'boolean',
    default: false,
    describe: 'The handler has a configuration of its own: [handler.NAME]',
  },
  'set-default': {
    type: 'boolean',
    default: false,
    describe: 'Use it for containers that name no handler, too',
  },
} as const satisfies Readonly<Record<string, Options>>;

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
                ['install --engine auto', 'and give the engines of the node the handler "pvc"'],
                ['install --as /usr/bin/runc', 'and in the place of runc, which becomes runc.real'],
                ['install --dry-run', 'which steps would that be?'],
                ['install --host-root /host --watch', 'what a DaemonSet does'],
              ]),
        )
        .parserConfiguration(CHANGE_PARSING)
        .options(PLACE_OPTIONS)
        .options(CHANGE_OPTIONS)
        .option('as', {
          ...AS_OPTION,
          defaultDescription: 'none',
          describe: 'Program whose place to take; may be repeated',
        })
        .options(ENGINE_OPTIONS)
        .option('config', {
          type: 'string',
          requiresArg: true,
          describe: 'Configuration for the node, if it has none',
        }),
    handler: async (given) => emit(await runInstall(given, world, isUpgrade)),
  };
}
