import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';
import { auditedDecision, auditedText, shownPatch } from '../call/audited-decision.js';
import { listedWarnings } from '../call/listed-warnings.js';
import { loggedPatch } from '../call/logged-patch.js';
import { planOptions } from '../call/plan-call.js';
import { refusalLine, refusalOf } from '../call/refusal.js';
import { rewriteBundle } from '../call/rewrite-bundle.js';
import { factFields } from '../log/fact-fields.js';
import type { LogFields } from '../log/format-record.js';
import type { Log } from '../log/human-log.js';
import { join, resolve } from '../system/paths.js';
import { actionLines } from './explain/explanation-text.js';
import { failure } from './failure.js';
import type { CommandOutput } from './output.js';
import { toldLog } from './told-log.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

export interface RewriteOptions {
  readonly bundle: string;
  readonly dryRun: boolean;
}

export type RewriteWorld = Pick<World, 'system' | 'cwd' | 'settings' | 'host'>;

/**
 * Applies the rules to a bundle and records it as the wrapper would. Status 0 whether or not something changed, 1
 * when a rule refuses or config.json cannot be read or written; a log that cannot be written is told, and changes no status.
 */
export function rewrite(
  { bundle, dryRun }: RewriteOptions,
  { system, cwd, settings, host }: RewriteWorld,
  writeLog: Log,
): CommandOutput {
  const { log, warning: ofLog } = toldLog(writeLog, settings.log.file);
  const dir = resolve(cwd, bundle);
  const path = join(dir, 'config.json');
  const { fault } = settings;
  const faults =
    fault === undefined ? [] : [`warning: the configuration cannot be used: ${refusalLine(fault)}`];
  const fields: LogFields = { verb: 'rewrite', bundle: dir };
  try {
    const { rules, configMode } = settings;
    const options = { rules, configMode, host, files: system, dryRun, ...planOptions(settings) };
    const plan = rewriteBundle(dir, options);
    const changed = plan.decision === 'rewrite';
    const audit = auditedDecision(plan);
    const tried =
      audit === undefined
        ? []
        : [
            auditedText(audit),
            ...(audit.kind === 'rewrite' ? [`audit: patch: ${shownPatch(audit.patch)}`] : []),
          ];
    const left = plan.actions.flatMap(actionLines).map((line) => `left to a start: ${line.trim()}`);
    if (dryRun) {
      const said = [
        ...faults,
        ...left,
        ...tried,
        changed ? `${path} would be rewritten` : `${path} unchanged`,
      ];
      return { status: 0, stdout: plan.document.bytes, stderr: linesOf(said) };
    }
    for (const warning of listedWarnings(plan.warnings)) {
      log('warn', warning, fields);
    }
    log('info', changed ? 'config.json rewritten' : 'nothing to rewrite', {
      ...fields,
      decision: changed ? 'rewrite' : 'pass',
      patch: changed ? loggedPatch(plan.patch) : undefined,
      ...factFields(plan.facts),
    });
    const said = [
      ...faults,
      ...plan.warnings.map((warning) => `warning: ${warning}`),
      ...left,
      ...tried,
      `${path} ${changed ? 'rewritten' : 'unchanged'}`,
    ];
    return { status: 0, stderr: `${ofLog()}${linesOf(said)}` };
  } catch (error) {
    const { code, message } = refusalOf(error);
    if (!dryRun) {
      log('error', message, { ...fields, decision: 'refuse', code });
    }
    const failed = failure(error);
    return { ...failed, stderr: `${ofLog()}${failed.stderr}` };
  }
}

const linesOf = (said: readonly string[]): string =>
  said.map((line) => `ociwrap: ${printable(line)}\n`).join('');

interface RewriteArguments {
  readonly bundle: string;
  readonly 'dry-run': boolean;
  readonly verbose: boolean;
}

/** `ociwrap rewrite`. */
export function rewriteCommand(
  world: RewriteWorld & Pick<World, 'log'>,
  emit: Emit,
): CommandModule<object, RewriteArguments> {
  return {
    command: 'rewrite',
    describe: "Rewrite a bundle's config.json as a start would, without starting anything",
    builder: (yargs) =>
      yargs
        .usage(
          usageText("Rewrites a bundle's config.json as a start would, without starting anything.", [
            ['rewrite --bundle /run/b --dry-run', 'print what config.json would become'],
            ['rewrite --bundle /run/b', 'rewrite it'],
          ]),
        )
        .option('bundle', {
          alias: 'b',
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'Bundle folder',
        })
        .option('dry-run', {
          alias: 'n',
          type: 'boolean',
          default: false,
          describe: 'Print the new config.json, write nothing',
        })
        .option('verbose', {
          alias: 'v',
          type: 'boolean',
          default: false,
          describe: 'Log to stderr as well',
        }),
    handler: ({ bundle, 'dry-run': dryRun, verbose }) => {
      emit(rewrite({ bundle, dryRun }, world, world.log({ verbose })));
    },
  };
}
