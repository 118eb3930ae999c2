import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { isFailure, type System } from '../system/system.js';
import { carryOutOrUndo } from './carry-out.js';
import type { Layout } from './layout.js';
import { checksumOf, type OwnProgram } from './own-program.js';
import { ownUsers } from './own-users.js';
import { planInstall } from './plan-install.js';
import { type FoundInstallation, readInstallation } from './read-installation.js';
import type { Step } from './steps.js';
import { withLock } from './with-lock.js';

/** What is asked for. */
export interface InstallRequest {
  readonly layout: Layout;
  readonly program: OwnProgram;
  /** Paths whose place is to be taken. */
  readonly places: readonly string[];
  /** Handlers with a configuration of their own: each is another name of the wrapper. */
  readonly handlers: readonly string[];
  readonly configuration?: Uint8Array;
  /** Something must be installed already. */
  readonly isUpgrade: boolean;
  readonly isDryRun: boolean;
}

/**
 * Installs, or mends what is installed.
 *
 * @returns the steps that were taken, or would be
 * @throws CliError
 */
export function install(system: System, request: InstallRequest): readonly Step[] {
  const { layout, isDryRun } = request;
  const [, steps] = plan(system, request);
  // Without a lock, which would be a change by itself; unless a killed command has left one, which goes then.
  const isLeft = !isFailure(system.lstat(layout.lock));
  if (isDryRun || (steps.length === 0 && !isLeft)) return steps;
  const contents = {
    program: request.program.bytes,
    ...(request.configuration === undefined ? {} : { configuration: request.configuration }),
  };
  const context = { system, contents };
  return withLock(layout, context, () => {
    const [before, left] = plan(system, request, steps);
    carryOutOrUndo(left, before, context);
    return left;
  });
}

function plan(
  system: System,
  { layout, program, places, handlers, configuration, isUpgrade }: InstallRequest,
  planned: readonly Step[] = [],
): readonly [FoundInstallation, readonly Step[]] {
  const read = readInstallation(system, layout, places);
  // The lock has made it by now.
  const madePrefix = planned.some((step) => step.do === 'make-folder' && step.path === layout.prefix);
  const found = madePrefix ? { ...read, folder: 'missing' as const } : read;
  if (isUpgrade && found.manifest === undefined) {
    throw new CliError('ERR_INSTALLATION_MISSING', `nothing is installed in ${quoted(layout.prefix)}`, {
      details: { path: layout.prefix },
    });
  }
  const steps = planInstall(found, {
    version: program,
    places,
    handlers,
    ...(configuration === undefined ? {} : { configuration: checksumOf(system, configuration) }),
    inUse: versionsInUse(system, found),
  });
  return [found, steps];
}

/** Where the processes of the machine cannot be seen, all that are there. */
function versionsInUse(system: System, { layout, versions }: FoundInstallation): readonly string[] {
  if (versions.length < 2) return [];
  if (isFailure(system.stat('/proc/self'))) return versions.map(({ name }) => name);
  return ownUsers(system, layout, []).flatMap(({ version }) => (version === undefined ? [] : [version]));
}
