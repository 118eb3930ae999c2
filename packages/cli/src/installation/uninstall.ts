import { type EngineOutcome, unconfigureEngines } from '../engines/configure-engines.js';
import { readEngineRecord } from '../engines/engine-record.js';
import { DEFAULT_LOG_FILE } from '../log/wrapper-log.js';
import { basename, dirname, join } from '../system/paths.js';
import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { carryOut } from './carry-out.js';
import type { Layout } from './layout.js';
import { type OwnUser, ownUsers } from './own-users.js';
import { stepsTo } from './plan-install.js';
import { planGivingUp, planUninstall, type UninstallPlan } from './plan-uninstall.js';
import { type FoundInstallation, readInstallation } from './read-installation.js';
import { refuseFolder } from './refuse-folder.js';
import type { Step } from './steps.js';
import { withLock } from './with-lock.js';

/** What is asked for. */
export interface UninstallRequest {
  readonly layout: Layout;
  /** Paths to give up, where all else is to stay; none for all. */
  readonly places: readonly string[];
  readonly purge: boolean;
  /** Restart engines, or reload them, where they need that. */
  readonly mayRestart: boolean;
  readonly isDryRun: boolean;
}

/** What was done, or would be. */
export interface Uninstalled {
  readonly steps: readonly Step[];
  /** The containers for which the rest stays. */
  readonly users: readonly OwnUser[];
  readonly engines: readonly EngineOutcome[];
}

const NO_CONTENTS = { contents: { program: new Uint8Array(0) } };

/**
 * Removes what is installed, or as much of it as no container needs.
 *
 * @throws CliError
 * @throws EngineConfigError
 */
export function uninstall(system: System, request: UninstallRequest): Uninstalled {
  const { layout, isDryRun, places } = request;
  const planned = look(system, request);
  // First, so that no more containers come.
  const engines = places.length > 0 ? [] : takeHandlers(system, request);
  const steps = planned.users.length > 0 ? planned.plan.leave : allOf(planned.plan);
  if (isDryRun || steps.length === 0) return { steps, users: planned.users, engines };
  const isThere = planned.found.folders.includes(layout.prefix);
  if (!isThere) {
    carryOut(steps, { system, ...NO_CONTENTS });
    return { steps, users: [], engines };
  }
  return { ...withLock(layout, { system, ...NO_CONTENTS }, () => remove(system, request)), engines };
}

/** From all engines of the node, whatever has become of those that the record names. */
function takeHandlers(system: System, { isDryRun, mayRestart }: UninstallRequest): readonly EngineOutcome[] {
  const handlers = new Set(readEngineRecord(system).map(({ handler }) => handler));
  return [...handlers].flatMap((handler) =>
    unconfigureEngines(system, { engine: 'auto', handler, isDryRun, mayRestart }),
  );
}

function remove(system: System, request: UninstallRequest): Omit<Uninstalled, 'engines'> {
  const context = { system, ...NO_CONTENTS };
  const { found, plan, users } = look(system, request);
  carryOut(plan.leave, context);
  if (users.length > 0) return { steps: plan.leave, users };
  carryOut(plan.close, context);
  // From here on nobody can begin. Who has begun since the first look needs the way back.
  const late = usersOf(system, found, request);
  if (late.length > 0) {
    const now = readInstallation(system, request.layout);
    if (now.manifest !== undefined) carryOut(stepsTo(now, now.manifest), context);
    return { steps: plan.leave, users: late };
  }
  carryOut(plan.remove, context);
  return { steps: allOf(plan), users: [] };
}

const allOf = ({ leave, close, remove }: UninstallPlan): readonly Step[] => [...leave, ...close, ...remove];

function look(
  system: System,
  request: UninstallRequest,
): { readonly found: FoundInstallation; readonly plan: UninstallPlan; readonly users: readonly OwnUser[] } {
  const { layout, places, purge } = request;
  const found = readInstallation(system, layout);
  refuseFolder(found);
  const users = usersOf(system, found, request);
  if (places.length > 0) {
    return {
      found,
      users,
      plan: { leave: users.length > 0 ? [] : planGivingUp(found, places), close: [], remove: [] },
    };
  }
  return { found, users, plan: planUninstall(found, users, { purge, logs: logFiles(system) }) };
}

function usersOf(
  system: System,
  { layout, places, folders }: FoundInstallation,
  request: UninstallRequest,
): readonly OwnUser[] {
  // Nobody can run under what is not there.
  if (!folders.includes(layout.prefix)) return [];
  const users = ownUsers(
    system,
    layout,
    places.map(({ path }) => path),
  );
  const isAsked = ({ place }: OwnUser) => place !== undefined && request.places.includes(place);
  return request.places.length === 0 ? users : users.filter(isAsked);
}

/** The log, and what was renamed when it had grown. */
function logFiles(system: System): readonly string[] {
  const folder = dirname(DEFAULT_LOG_FILE);
  const names = system.readdir(folder);
  if (isFailure(names)) return [];
  const name = basename(DEFAULT_LOG_FILE);
  return names
    .map(textOf)
    .filter(
      (each) => each === name || (each.startsWith(`${name}.`) && /^\d+$/.test(each.slice(name.length + 1))),
    )
    .map((each) => join(folder, each));
}
