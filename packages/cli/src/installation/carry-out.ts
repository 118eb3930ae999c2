import { quoted } from '@opencontainers-ts/runtime-spec';

import { refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import { isError } from '../system/is-error.js';
import { type System, SystemError } from '../system/system.js';
import { carryOutStep, type StepContents } from './carry-out-step.js';
import { stepsTo } from './plan-install.js';
import { planRestore } from './plan-place.js';
import { planUninstall } from './plan-uninstall.js';
import { type FoundInstallation, readInstallation } from './read-installation.js';
import { type Step, stepText } from './steps.js';

/** What carrying out steps takes. */
export interface StepContext {
  readonly system: System;
  readonly contents: StepContents;
}

/**
 * Does steps in their order.
 *
 * @throws CliError `ERR_INSTALLATION_FAILED`
 */
export function carryOut(steps: readonly Step[], { system, contents }: StepContext): void {
  for (const step of steps) {
    try {
      carryOutStep(system, step, contents);
    } catch (error) {
      throw new CliError('ERR_INSTALLATION_FAILED', `could not ${stepText(step)}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }
}

/**
 * Does steps in their order; where one of them fails, all of it is undone.
 *
 * @param before - what was there
 * @throws CliError `ERR_INSTALLATION_FAILED`
 */
export function carryOutOrUndo(
  steps: readonly Step[],
  before: FoundInstallation,
  context: StepContext,
): void {
  try {
    carryOut(steps, context);
  } catch (error) {
    const { message } = refusalOf(error);
    const outcome = undo(before, context);
    throw new CliError('ERR_INSTALLATION_FAILED', `${message}; ${outcome}`, { cause: error });
  }
}

/** By the steps that lead from what is there now to what was there before. */
function undo(before: FoundInstallation, context: StepContext): string {
  const { manifest, layout } = before;
  try {
    const asked = before.places.map(({ path }) => path);
    const found = readInstallation(context.system, layout, asked);
    if (manifest !== undefined) {
      const isBefore = ({ path }: { readonly path: string }) =>
        manifest.places.some((place) => place.path === path);
      const added = found.places.filter((place) => !isBefore(place));
      carryOut(added.flatMap(planRestore), context);
      carryOut(stepsTo({ ...found, places: found.places.filter(isBefore) }, manifest), context);
      return 'what had been done is undone';
    }
    if (before.folder !== 'missing') return 'what was done before stays, and the next run goes on with it';
    // State that calls have left is none of this.
    const plan = planUninstall({ ...found, stateFolders: [] }, [], { purge: false, logs: [] });
    carryOut([...plan.leave, ...plan.close, ...plan.remove], context);
    return 'what had been done is undone';
  } catch (error) {
    return `nor could what had been done be undone (${refusalOf(error).message}): ${quoted('ociwrap status')} says what is left, and the next run mends it`;
  }
}

/** What the kernel said. */
export function reasonOf(error: unknown): string {
  if (error instanceof SystemError) {
    const { code, syscall = 'a system call', path } = error;
    return `${syscall} failed with ${code}${path === undefined ? '' : ` for ${quoted(path)}`}`;
  }
  return isError(error) ? error.message : String(error);
}
