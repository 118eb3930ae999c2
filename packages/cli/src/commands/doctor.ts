import type { CommandModule } from 'yargs';

import { examineNode } from '../doctor/examine-node.js';
import { statusFor } from '../doctor/finding.js';
import { findingsText } from '../doctor/findings-text.js';
import { hostWorld } from '../doctor/host-world.js';
import { type CommandOutput, jsonOutput } from './output.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

/** The folder that the root of a node is mounted on, in a container of this program. */
export const HOST_ROOT = {
  type: 'string',
  requiresArg: true,
  describe: 'Look at the node whose root folder is mounted here',
} as const;

/** `ociwrap doctor`. */
export function doctorCommand(
  world: World,
  emit: Emit,
): CommandModule<object, { readonly json: boolean; readonly hostRoot?: string | undefined }> {
  return {
    command: 'doctor',
    describe: 'Look at this node: what keeps containers from starting as they should?',
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            `Looks at this node, and changes nothing: kernel, runtimes (each is started with
--version), our own files and configuration, engines, log, residue, decisions.
Exit status: 0 nothing wrong, 3 warnings only, 1 a fault.`,
            [
              ['doctor', 'what is wrong with this node, and what to do about it?'],
              ['doctor --json', 'the same for machines'],
              ['doctor --host-root /host', 'the same from a container that has the root of the node'],
            ],
          ),
        )
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' })
        .option('host-root', HOST_ROOT),
    handler: async ({ json, hostRoot }) => {
      const node = await hostWorld(world, hostRoot);
      emit(await doctor({ json }, node));
    },
  };
}

/** What was found out about a node. Members of the JSON are added, never renamed or removed. */
export async function doctor({ json }: { readonly json: boolean }, world: World): Promise<CommandOutput> {
  const { worst, findings, runtimes } = await examineNode(world);
  const status = statusFor(worst);
  const stdout = json ? jsonOutput({ worst, findings, runtimes }) : findingsText(findings, world.paint);
  return { status, stdout };
}
