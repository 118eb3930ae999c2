import type { CommandModule } from 'yargs';

import { hostWorld } from '../doctor/host-world.js';
import { makeReport } from '../report/make-report.js';
import { reportHtml } from '../report/report-html.js';
import { writeReport } from '../report/write-report.js';
import { resolve } from '../system/paths.js';
import { HOST_ROOT } from './doctor.js';
import { type CommandOutput, jsonOutput } from './output.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

interface ReportOptions {
  readonly json: boolean;
  /** A file; undefined: standard output. */
  readonly output?: string | undefined;
}

/** `ociwrap report`. */
export function reportCommand(
  world: World,
  emit: Emit,
): CommandModule<object, ReportOptions & { readonly hostRoot?: string | undefined }> {
  return {
    command: 'report',
    describe: 'Put all that is known of this node on one page',
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            `Puts all that is known of this node on one page of HTML, which fetches nothing:
what doctor finds, engines and handlers, rules, recent decisions, settings.`,
            [
              ['report --output node.html', 'for whoever helps you'],
              ['report --json', 'the same for machines'],
            ],
          ),
        )
        .option('output', {
          alias: 'o',
          type: 'string',
          requiresArg: true,
          describe: 'Write to this file, whole or not at all',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' })
        .option('host-root', HOST_ROOT),
    handler: async ({ hostRoot, ...options }) =>
      emit(await report(options, await hostWorld(world, hostRoot))),
  };
}

/** Whatever is wrong with the node, a report of it is no failure. */
async function report({ output, json }: ReportOptions, world: World): Promise<CommandOutput> {
  const made = await makeReport(world);
  const text = json ? jsonOutput(made) : reportHtml(made);
  if (output === undefined || output === '-') return { status: 0, stdout: text };
  writeReport(world.system, resolve(world.cwd, output), text);
  return { status: 0 };
}
