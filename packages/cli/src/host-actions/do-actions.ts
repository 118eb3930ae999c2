import type { CleanResidue, HostAction, PinnedPath, Plan } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonPatch, quoted } from '@opencontainers-ts/runtime-spec';

import { refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import { mountRoot } from '../roots/mount-root.js';
import type { System } from '../system/system.js';
import type { ActionNote } from './action-note.js';
import { cleanResidue } from './clean-residue.js';
import { type ProcessId, processId } from './process-id.js';
import { RESIDUE_FOLDER } from './residue-record.js';

/** What came of the actions of a plan. */
export interface ActionOutcome {
  /** Operations that follow on the plan's patch. */
  readonly patch: JsonPatch;
  readonly notes: readonly ActionNote[];
}

/** What actions need to know beside the plan. */
export interface ActionSetting {
  /** The id that the runtime was given; empty where the call has none. */
  readonly container: string;
  /** Takes what the log should know at once. Left out: nobody wants to know. */
  readonly tell?: (message: string) => void;
  /** Where records of volumes are kept. */
  readonly folder?: string;
  /** This process. */
  readonly self?: ProcessId | undefined;
}

/**
 * Does what the rules want done on the machine, in order. Whatever goes wrong is a note: no action is worth a container
 * that does not start. The exception is `mount-root`: a container is not started on another root than was asked for.
 *
 * @throws CliError, SystemError of mountRoot
 */
export function doActions(
  system: System,
  { actions, pins }: Pick<Plan, 'actions' | 'pins'>,
  setting: ActionSetting,
): ActionOutcome {
  const outcomes = actions.map((action): ActionOutcome => {
    if (action.kind === 'mount-root') {
      const { container, tell = () => undefined } = setting;
      return mountRoot(system, action, pinOf(action, pins), { container, tell });
    }
    try {
      return { patch: [], notes: doAction(system, action, pins, setting) };
    } catch (error) {
      return {
        patch: [],
        notes: [{ level: 'warn', msg: `${named(action)} failed: ${refusalOf(error).message}` }],
      };
    }
  });
  return {
    patch: outcomes.flatMap(({ patch }) => patch),
    notes: outcomes.flatMap(({ notes }) => notes),
  };
}

function pinOf(action: HostAction, pins: Plan['pins']): PinnedPath {
  const pin = pins.find(({ path }) => path === action.root);
  if (pin !== undefined) return pin;
  throw new CliError('ERR_UNEXPECTED', `${named(action)}: no rule has pinned the folder`);
}

function doAction(
  system: System,
  action: CleanResidue,
  pins: Plan['pins'],
  { folder = RESIDUE_FOLDER, self = processId(system, system.getpid()) }: ActionSetting,
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
