import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { isFailure, type System } from '../system/system.js';

/**
 * Goes into the root of a node. From here on every path and symlink means what it means there, and nothing leads out of it.
 *
 * @throws CliError `ERR_HOST_ROOT`
 */
export function enterHostRoot(system: System, folder: string): void {
  const failure = system.chroot(folder);
  if (!isFailure(failure)) return;
  throw new CliError('ERR_HOST_ROOT', `chroot(2) to ${quoted(folder)} failed with ${failure.errno}`, {
    cause: failure,
    details: { path: folder },
  });
}
