import {
  HOOK_STAGES,
  type HookStage,
  type HooksRun,
  hookEndText,
} from '@opencontainers-ts/runtime-client/values';
import { printable, quoted, type Spec, SpecDocument, type State } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../../cli-error.js';
import { basename, resolve } from '../../system/paths.js';
import { failure } from '../failure.js';
import { configPlace, readConfigAt } from '../given-config.js';
import { type CommandOutput, jsonOutput, type Paint } from '../output.js';
import type { World } from '../world.js';

export interface HooksRunOptions {
  readonly stage: HookStage;
  readonly bundle: string;
  /** Left out: the name of the bundle. */
  readonly id?: string | undefined;
  readonly pid?: number | undefined;
  /** Left out: what the specification says of the stage. */
  readonly status?: string | undefined;
  readonly json: boolean;
}

export type HooksWorld = Pick<World, 'cwd' | 'host' | 'hookRunner' | 'paint' | 'readInput'>;

type HookRun = HooksRun['hooks'][number];

/** Status 0 where all hooks succeeded, 3 where one failed and the container would go on, 1 where it would not. */
const STATUS = { succeeded: 0, warned: 3, failed: 1, aborted: 1 } as const;

/** Runs the hooks of a stage of a bundle, as a runtime would. */
export async function hooksRun(options: HooksRunOptions, world: HooksWorld): Promise<CommandOutput> {
  try {
    const { hookRunner } = world;
    if (hookRunner === undefined) {
      throw new CliError(
        'ERR_NODE_ONLY',
        '"ociwrap hooks run" waits for programs, which this program cannot',
      );
    }
    const spec = readSpec(options, world);
    const state = stateOf(options, spec, world);
    const run = await hookRunner({ stage: options.stage, hooks: spec.hooks, state });
    return options.json ? asData(run, state) : asText(run, world.paint);
  } catch (error) {
    return failure(error);
  }
}

type Config = Pick<Spec, 'hooks' | 'annotations'> & { readonly ociVersion: string };

/** @throws CliError `ERR_INPUT_UNREADABLE`; SpecError `ERR_SPEC_SYNTAX` */
function readSpec({ bundle }: HooksRunOptions, world: HooksWorld): Config {
  const place = configPlace({ file: undefined, bundle: resolve(world.cwd, bundle) }, world);
  const { spec } = SpecDocument.parse(readConfigAt(place, world));
  const { ociVersion, hooks, annotations } = (spec ?? {}) as Partial<Spec>;
  return {
    ociVersion: typeof ociVersion === 'string' ? ociVersion : '',
    ...(hooks !== undefined && { hooks }),
    ...(annotations !== undefined && { annotations }),
  };
}

function stateOf(options: HooksRunOptions, spec: Config, { cwd }: HooksWorld): State {
  const bundle = resolve(cwd, options.bundle);
  const { stage, id = basename(bundle), pid, status = HOOK_STAGES[stage].status } = options;
  const { ociVersion, annotations } = spec;
  return {
    ociVersion,
    id,
    status,
    ...(pid !== undefined && { pid }),
    bundle,
    ...(annotations !== undefined && { annotations }),
  };
}

function asData({ stage, outcome, hooks }: HooksRun, state: State): CommandOutput {
  return { status: STATUS[outcome], stdout: jsonOutput({ stage, outcome, state, hooks }) };
}

function asText(run: HooksRun, paint: Paint): CommandOutput {
  const { stage, outcome, hooks } = run;
  const stdout = hooks.flatMap((hook) => [hookLine(stage, hook, paint), ...outputLines(hook)]);
  const note =
    HOOK_STAGES[stage].namespaces === 'container'
      ? `note: they ran in the namespaces of this command, a runtime runs ${stage} in those of the container (see nsenter(1))\n`
      : '';
  return {
    status: STATUS[outcome],
    stdout: stdout.map((line) => `${line}\n`).join(''),
    stderr: `${note}${summary(run)}\n`,
  };
}

function hookLine(stage: HookStage, { index, path, end, milliseconds }: HookRun, paint: Paint): string {
  const isGood = end.kind === 'exited' && end.exitCode === 0;
  const how = paint(
    isGood ? 'green' : end.kind === 'skipped' ? 'yellow' : 'red',
    printable(hookEndText(end)),
  );
  const time =
    end.kind === 'skipped' || end.kind === 'not-started' ? '' : ` (${Math.round(milliseconds)} ms)`;
  return `${stage} ${index} ${quoted(path)}: ${how}${time}`;
}

/** What a hook wrote, a line each. It is the text of others, and must not drive the terminal. */
function outputLines(hook: HookRun): readonly string[] {
  return (['stdout', 'stderr'] as const).flatMap((name) => {
    const { text, size, isCut } = hook[name];
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    const cut = isCut ? [`  ${name}: and more: it wrote ${size} bytes`] : [];
    return [...lines.map((line) => `  ${name}: ${printable(line)}`), ...cut];
  });
}

function summary({ stage, outcome, hooks }: HooksRun): string {
  const count = `${hooks.length} ${stage} hook${hooks.length === 1 ? '' : 's'}`;
  switch (outcome) {
    case 'succeeded':
      return hooks.length === 0 ? `no ${stage} hooks` : `${count}: all succeeded`;
    case 'warned':
      return `${count}: a failure, of which a runtime only warns`;
    case 'failed':
      return `${count}: a failure, with which ${HOOK_STAGES[stage].command} fails`;
    case 'aborted':
      return `${count}: not all were run`;
  }
}
