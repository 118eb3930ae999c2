import type { HostAction, Plan } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { refusalOf } from '../call/refusal.js';
import type { System } from '../system/system.js';
import type { ActionNote } from './action-note.js';
import { cleanResidue } from './clean-residue.js';
import { type ProcessId, processId } from './process-id.js';
import { RESIDUE_FOLDER } from './residue-record.js';

/**
 * Does what the rules want done on the machine, in order. Whatever goes wrong is a note: no action is worth a container
 * that does not start.
 *
 * @param folder - where records of volumes are kept
 * @param self - this process
 */
export function doActions(
  system: System,
  { actions, pins }: Pick<Plan, 'actions' | 'pins'>,
  folder: string = RESIDUE_FOLDER,
  self: ProcessId | undefined = processId(system, system.getpid()),
): readonly ActionNote[] {
  return actions.flatMap((action) => {
    try {
      return doAction(system, action, pins, folder, self);
    } catch (error) {
      return [{ level: 'warn', msg: `${named(action)} failed: ${refusalOf(error).message}` }];
    }
  });
}

function doAction(
  system: System,
  action: HostAction,
  pins: Plan['pins'],
  folder: string,
  self: ProcessId | undefined,
): readonly ActionNote[] {
  // A rule module is not held to the types.
  if (action.kind !== 'clean-residue') {
    return [{ level: 'warn', msg: `${named(action)} is not an action that this program knows` }];
  }
  const root = pins.find(({ path }) => path === action.root);
  if (root === undefined) {
    return [{ level: 'warn', msg: `${named(action)} is left undone: no rule has pinned the folder` }];
  }
  return cleanResidue(system, action, root, folder, self);
}

function named({ kind, root }: HostAction): string {
  return `the action ${quoted(String(kind))} on ${quoted(String(root))}`;
}
