import type { BundleFile } from '@opencontainers-ts/runtime-spec/bundle';
import type { CommandModule } from 'yargs';

import { BUNDLE_VERBS } from '../../call/parse-invocation.js';
import { planCall } from '../../call/plan-call.js';
import { refusalLine } from '../../call/refusal.js';
import { resolve } from '../../system/paths.js';
import { bytesOf } from '../../system/text.js';
import { BUNDLE_OPTION, bundleFileAt, configPlace, FILE_POSITIONAL } from '../given-config.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { usageError } from '../usage-error.js';
import { usageText } from '../usage-text.js';
import type { Emit, World } from '../world.js';
import { explanationOf } from './explanation.js';
import { explanationText } from './explanation-text.js';

export interface ExplainOptions {
  /** Arguments of the call, without argv[0]. */
  readonly args: readonly string[];
  /** What the engine is configured to call: argv[0], and the path given to execve(2). */
  readonly runtimeName: string;
  readonly json: boolean;
  /** In the place of the bundle's configuration. */
  readonly readConfig?: () => BundleFile;
}

export type ExplainWorld = Pick<World, 'system' | 'env' | 'cwd' | 'self' | 'settings' | 'host' | 'paint'>;

/**
 * Says what the wrapper would do with a call. Status 0 when the runtime would be started, 1 when it would not, or when
 * there is no config.json: the wrapper leaves that to the runtime to say, but nobody wants a bundle explained that is not there.
 */
export function explain(
  { args, runtimeName, json, readConfig }: ExplainOptions,
  world: ExplainWorld,
): CommandOutput {
  const { system, env, cwd, self, settings, host, paint } = world;
  const argv = [runtimeName, ...args].map(bytesOf);
  const call = planCall(
    { argv, env, execFn: runtimeName, cwd, self, ...(readConfig === undefined ? {} : { readConfig }) },
    settings,
    host,
    system,
  );
  const explanation = explanationOf(call, argv, settings);
  const { decision, missing } = explanation;
  return {
    status: decision === 'refuse' || missing !== undefined ? 1 : 0,
    stdout: json ? jsonOutput(explanation) : explanationText(explanation, paint),
    ...(missing === undefined ? {} : { stderr: `ociwrap: ${refusalLine(missing)}\n` }),
  };
}

interface ExplainArguments {
  readonly file: string | undefined;
  readonly bundle: string | undefined;
  readonly verb: string;
  readonly 'runtime-name': string;
  readonly json: boolean;
  readonly '--'?: readonly (string | number)[];
}

type ExplainedCall = Pick<ExplainOptions, 'args' | 'readConfig'>;

/**
 * The call that is meant: by the arguments after `--`, or the shortest that an engine would make for a bundle, for the
 * bundle that a file lies in, or, for standard input, for the working directory.
 */
export function explainedCall(
  { file, bundle, verb, '--': given }: Pick<ExplainArguments, 'file' | 'bundle' | 'verb' | '--'>,
  world: Pick<World, 'system' | 'cwd' | 'host' | 'readInput'>,
): ExplainedCall {
  if ([file, bundle, given].filter((way) => way !== undefined).length !== 1) {
    throw usageError('give one of FILE, --bundle DIR, and the arguments of a call after "--"');
  }
  if (given !== undefined) return { args: given.map(String) };
  const callFor = (dir: string) => [verb, '--bundle', dir, 'example'];
  if (bundle !== undefined) return { args: callFor(resolve(world.cwd, bundle)) };
  const place = configPlace({ file, bundle }, world);
  if (place === '-') return { args: callFor(world.cwd), readConfig: () => bundleFileAt(place, world) };
  const isFolder = place.dir === resolve(world.cwd, file ?? '');
  return { args: callFor(place.dir), ...(isFolder ? {} : { readConfig: () => bundleFileAt(place, world) }) };
}

/** `ociwrap explain`. */
export function explainCommand(
  world: ExplainWorld & Pick<World, 'settingsFor' | 'readInput'>,
  emit: Emit,
): CommandModule<object, ExplainArguments> {
  return {
    command: 'explain [file]',
    describe: 'Show the whole way of a call, and change nothing',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Shows the whole way of a call, and changes nothing.', [
            ['explain /run/b', 'would this bundle be rewritten, and how?'],
            ['explain config.json', 'and this file, in the bundle that it lies in?'],
            ['explain - < config.json', 'and what stands on standard input?'],
            ['explain - < record.json', 'and the container of this record of an engine?'],
            ['explain -- --log /l create --bundle /run/b c1', 'a call as the engine makes it'],
            ['explain /run/b --json', 'the same as data'],
          ]),
        )
        .positional('file', FILE_POSITIONAL)
        .option('bundle', BUNDLE_OPTION)
        .option('verb', {
          choices: BUNDLE_VERBS,
          default: 'create' as const,
          describe: 'Verb of the call that is made up',
        })
        .option('runtime-name', {
          type: 'string',
          requiresArg: true,
          default: 'runc',
          describe: 'What the engine calls: a name, or the path of the symlink',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' })
        .epilogue(
          'The environment is that of this command: set PATH and SGS_RUNC_PATH as the engine has them.',
        ),
    handler: async (args) => {
      const { 'runtime-name': runtimeName, json } = args;
      const call = { ...explainedCall(args, world), runtimeName, json };
      emit(explain(call, { ...world, settings: await world.settingsFor(runtimeName) }));
    },
  };
}
