import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { holdLock, releaseLock } from '../host-actions/lock-file.js';
import { makeFolders } from '../system/make-folders.js';
import type { System } from '../system/system.js';
import { reasonOf, type StepContext } from './carry-out.js';
import { carryOutStep } from './carry-out-step.js';
import type { Layout } from './layout.js';

/**
 * Does something while no other command changes the installation. The prefix is made for the lock, and goes again if nothing else
 * is in it then.
 *
 * @throws CliError `ERR_INSTALLATION_BUSY`
 */
export function withLock<T>({ prefix, lock }: Layout, context: StepContext, change: () => T): T {
  const { system, contents } = context;
  try {
    makeFolders(system, prefix, 0o755);
  } catch (cause) {
    throw new CliError('ERR_INSTALLATION_FAILED', `nothing was done: ${reasonOf(cause)}`, { cause });
  }
  try {
    return whileLocked(system, lock, change);
  } finally {
    carryOutStep(system, { do: 'remove-folder', path: prefix }, contents);
  }
}

function whileLocked<T>(system: System, path: string, change: () => T): T {
  const held = holdLock(system, path);
  if (held === undefined) {
    throw new CliError('ERR_INSTALLATION_BUSY', `another command holds ${quoted(path)}`, {
      details: { path },
    });
  }
  try {
    return change();
  } finally {
    releaseLock(system, held);
  }
}
