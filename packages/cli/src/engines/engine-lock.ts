import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { holdLock, releaseLock } from '../host-actions/lock-file.js';
import { makeFolders } from '../system/make-folders.js';
import { dirname } from '../system/paths.js';
import type { System } from '../system/system.js';
import { ENGINE_RECORD } from './engine-record.js';

const LOCK = `${ENGINE_RECORD}.lock`;

/** In milliseconds. A command asks the engine's own program about each change, which takes up to a second: some of them in a row. */
const LONGEST_WAIT = 10_000;

/**
 * Does something while no other command changes the configuration of engines: each writes a file whole, and would undo what
 * another has written since it read it.
 *
 * @throws CliError `ERR_INSTALLATION_BUSY`
 * @throws SystemError
 */
export function withEngineLock<T>(system: System, change: () => T): T {
  makeFolders(system, dirname(LOCK), 0o755);
  const held = holdLock(system, LOCK, LONGEST_WAIT);
  if (held === undefined) {
    const message = `another command holds ${quoted(LOCK)}`;
    throw new CliError('ERR_INSTALLATION_BUSY', message, { details: { path: LOCK } });
  }
  try {
    return change();
  } finally {
    releaseLock(system, held);
  }
}
