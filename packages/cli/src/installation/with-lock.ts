import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { type HeldLock, holdLock, releaseLock } from '../host-actions/lock-file.js';
import { makeFolders } from '../system/make-folders.js';
import type { System } from '../system/system.js';
import { reasonOf, type StepContext } from './carry-out.js';
import { carryOutStep } from './carry-out-step.js';
import type { Layout } from './layout.js';

/**
 * Does something while no other command changes the installation. The prefix is made for the lock, and goes again if nothing else
 * is in it then.
 *
 * @throws CliError `ERR_INSTALLATION_BUSY`, `ERR_INSTALLATION_FAILED`
 */
export function withLock<T>(layout: Layout, context: StepContext, change: () => T): T {
  const held = hold(layout, context.system);
  let result: T;
  try {
    result = change();
  } catch (error) {
    tried(() => release(layout, held, context));
    throw error;
  }
  const failed = tried(() => release(layout, held, context));
  if (failed === undefined) return result;
  throw new CliError('ERR_INSTALLATION_FAILED', `all is done, but not tidied up: ${failed}`);
}

function hold({ prefix, lock }: Layout, system: System): HeldLock {
  let held: HeldLock | undefined;
  const failed = tried(() => {
    makeFolders(system, prefix, 0o755);
    held = holdLock(system, lock);
  });
  if (held !== undefined) return held;
  if (failed === undefined) {
    throw new CliError('ERR_INSTALLATION_BUSY', `another command holds ${quoted(lock)}`, {
      details: { path: lock },
    });
  }
  system.rmdir(prefix); // one that was there before has something in it, and stays
  throw new CliError('ERR_INSTALLATION_FAILED', `nothing was done: ${failed}`);
}

function release({ prefix }: Layout, held: HeldLock, { system, contents }: StepContext): void {
  releaseLock(system, held);
  carryOutStep(system, { do: 'remove-folder', path: prefix }, contents);
}

/** @returns why it could not be done */
function tried(what: () => void): string | undefined {
  try {
    what();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
