import type { Host, PinnedPath, Plan } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonPatch, quoted } from '@opencontainers-ts/runtime-spec';
import { type BundleFiles, nodeFiles, saveConfig } from '@opencontainers-ts/runtime-spec/bundle';

import { CliError } from '../cli-error.js';
import type { Settings } from '../config/settings/settings.js';
import type { ActionNote } from '../host-actions/action-note.js';
import type { ActionOutcome } from '../host-actions/do-actions.js';
import type { PlannedCall } from './planned-call.js';

/** How a call is carried out. */
export interface CarryOutOptions {
  /** Mode of a config.json that is rewritten: the one that it had, or 0600. Default `preserve`. */
  readonly configMode?: Settings['configMode'];
  /** Does the plan's host actions; without it they are left undone. What it throws stops the call. */
  readonly act?: (plan: Pick<Plan, 'actions' | 'pins'>) => ActionOutcome;
  /** How files are written. By default, by node:fs. */
  readonly files?: BundleFiles;
}

/** What became of a plan. */
export interface CarriedOut {
  /** What the log should know of the actions. */
  readonly notes: readonly ActionNote[];
  /** What was changed in config.json, by rules and by actions. */
  readonly patch: JsonPatch;
}

const NOTHING: CarriedOut = { notes: [], patch: [] };

/**
 * Does what was planned, and checks that it still rests on what was looked at: pins, host actions, config.json, pins once
 * more. See docs/ARCHITECTURE.md for the order.
 *
 * @throws SpecError `ERR_CONFIG_CHANGED`, `ERR_CONFIG_WRITE`: the old config.json is whole
 * @throws CliError `ERR_HOST_CHANGED`; `ERR_ROOT_NAMESPACE` where a root would have to be mounted and `act` is not given
 */
export function carryOut(
  { file, plan }: Pick<PlannedCall, 'file' | 'plan'>,
  host: Pick<Host, 'lstat'>,
  { configMode = 'preserve', act, files = nodeFiles() }: CarryOutOptions = {},
): CarriedOut {
  if (plan === undefined || file === undefined) {
    return NOTHING;
  }
  const { patch, notes } = doActions(plan, host, act);
  const document = patch.length === 0 ? plan.document : plan.document.apply(patch);
  if (plan.decision === 'rewrite' || document !== plan.document) {
    saveConfig(file, document, { mode: configMode }, files);
  }
  checkPins(plan, host);
  return { notes, patch: [...(plan.decision === 'rewrite' ? plan.patch : []), ...patch] };
}

const NOTHING_DONE: ActionOutcome = { patch: [], notes: [] };

function doActions(plan: Plan, host: Pick<Host, 'lstat'>, act: CarryOutOptions['act']): ActionOutcome {
  if (plan.actions.length === 0) return NOTHING_DONE;
  if (act !== undefined) {
    checkPins(plan, host);
    return act(plan);
  }
  if (!plan.actions.some((action) => action.kind === 'mount-root' && action.otherwise === 'refuse')) {
    return NOTHING_DONE;
  }
  throw new CliError(
    'ERR_ROOT_NAMESPACE',
    'the root has to be mounted, which only a start of the wrapper does',
    {
      hint: 'let the wrapper start the container, or choose the strategy "replace"',
    },
  );
}

/** The runtime opens the paths again by name; a volume swapped in between is caught as late as we can look. */
function checkPins({ pins }: Pick<Plan, 'pins'>, host: Pick<Host, 'lstat'>): void {
  for (const pin of pins) {
    checkPin(pin, host);
  }
}

function checkPin(pin: PinnedPath, host: Pick<Host, 'lstat'>): void {
  const changed = (what: string, cause?: unknown) =>
    new CliError('ERR_HOST_CHANGED', `${quoted(pin.path)} ${what} while the call was prepared`, {
      details: { path: pin.path },
      ...(cause === undefined ? {} : { cause }),
    });
  let now: ReturnType<typeof host.lstat>;
  try {
    now = host.lstat(pin.path);
  } catch (cause) {
    // A volume can die at any time: its daemon, its server.
    const { code } = cause as { code?: unknown };
    throw code === undefined ? cause : changed(`could no longer be looked at (${String(code)})`, cause);
  }
  if (now === undefined) throw changed('went away');
  if (now.dev !== pin.dev || now.ino !== pin.ino) throw changed('was replaced');
}
