import { resolve } from 'node:path';

import type { CommandModule } from 'yargs';

import { BUNDLE_VERBS } from '../parse-invocation.js';
import { planCall } from '../plan-call.js';
import { refusalLine } from '../refusal.js';
import { explanationOf } from './explanation.js';
import { explanationText } from './explanation-text.js';
import { type CommandOutput, jsonOutput } from './output.js';
import { usageError } from './usage-error.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

export interface ExplainOptions {
  /** Arguments of the call, without argv[0]. */
  readonly args: readonly string[];
  /** What the engine is configured to call: argv[0], and the path given to execve(2). */
  readonly runtimeName: string;
  readonly json: boolean;
}

export type ExplainWorld = Pick<World, 'env' | 'cwd' | 'self' | 'settings' | 'host' | 'paint'>;

/**
 * Says what the wrapper would do with a call. Status 0 when the runtime would be started, 1 when it would not, or when
 * there is no config.json: the wrapper leaves that to the runtime to say, but nobody wants a bundle explained that is not there.
 */
export function explain({ args, runtimeName, json }: ExplainOptions, world: ExplainWorld): CommandOutput {
  const { env, cwd, self, settings, host, paint } = world;
  const argv = [runtimeName, ...args].map((text) => Buffer.from(text));
  const call = planCall({ argv, env, execFn: runtimeName, cwd, self }, settings, host);
  const explanation = explanationOf(call, argv, settings);
  const { decision, missing } = explanation;
  return {
    status: decision === 'refuse' || missing !== undefined ? 1 : 0,
    stdout: json ? jsonOutput(explanation) : explanationText(explanation, paint),
    ...(missing === undefined ? {} : { stderr: `ociwrap: ${refusalLine(missing)}\n` }),
  };
}

interface ExplainArguments {
  readonly bundle: string | undefined;
  readonly verb: string;
  readonly 'runtime-name': string;
  readonly json: boolean;
  readonly '--'?: readonly (string | number)[];
}

/** The arguments of the call that is meant: those after `--`, or the shortest that an engine would give for the bundle. */
export function callArguments({
  bundle,
  verb,
  '--': given,
}: Pick<ExplainArguments, 'bundle' | 'verb' | '--'>): string[] {
  if (given !== undefined) {
    if (bundle !== undefined) {
      throw usageError('give either --bundle or the arguments of a call after "--", not both');
    }
    return given.map(String);
  }
  if (bundle === undefined) {
    throw usageError('give --bundle DIR, or the arguments of a call after "--"');
  }
  return [verb, '--bundle', resolve(bundle), 'example'];
}

/** `ociwrap explain`. */
export function explainCommand(
  world: ExplainWorld & Pick<World, 'settingsFor'>,
  emit: Emit,
): CommandModule<object, ExplainArguments> {
  return {
    command: 'explain',
    describe: 'Show the whole way of a call, and change nothing',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Shows the whole way of a call, and changes nothing.', [
            ['explain --bundle /run/b', 'would this bundle be rewritten, and how?'],
            ['explain -- --log /l create --bundle /run/b c1', 'a call as the engine makes it'],
            ['explain --bundle /run/b --json', 'the same as data'],
          ]),
        )
        .option('bundle', {
          alias: 'b',
          type: 'string',
          requiresArg: true,
          describe: 'Bundle of a call made up for it',
        })
        .option('verb', {
          choices: BUNDLE_VERBS,
          default: 'create' as const,
          describe: 'Verb of the call made up for --bundle',
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
      const call = { args: callArguments(args), runtimeName, json };
      emit(explain(call, { ...world, settings: await world.settingsFor(runtimeName) }));
    },
  };
}
