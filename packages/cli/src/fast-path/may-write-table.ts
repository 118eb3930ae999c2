import type { FileId } from '@opencontainers-ts/rootfs-rewriter';

import type { Settings } from '../config/settings/settings.js';
import type { System } from '../system/system.js';
import type { WatchedFile } from './fast-path-table.js';
import { renewTable, type TableOrigin } from './write-table.js';

/**
 * How long before the call, in ms, a file must have been left alone: two changes within one tick of the file system's
 * clock leave the same ctime.
 */
const SETTLED = 1000;

/**
 * Whether the launcher may go by a table. It reads no configuration: what one says of runtimes and of the log it does
 * not know, also where this call's environment overrides it, which the next one's need not.
 */
export function mayHaveTable(
  {
    fastPath,
    fault,
    profile,
    usualRuntimeAndLog,
    metricsFile,
  }: Pick<Settings, 'fastPath' | 'fault' | 'profile' | 'usualRuntimeAndLog' | 'metricsFile'>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  // Another configuration than the one that the next call has.
  if (env['OCIWRAP_CONFIG']) return false;
  // The launcher counts nothing.
  if (metricsFile !== undefined) return false;
  // The guardian's runtime and log are its own, whether a file, the environment or the name of the call chose it.
  return fastPath && fault === undefined && profile !== 'guardian' && usualRuntimeAndLog;
}

const EVERY_CREATE = { triggers: 'every-create' } as const;

/** What a table is for. Where a rule has to act, a container without any trigger is one of those that are refused. */
export function rulesOfTable({
  required,
  rules,
}: Pick<Settings, 'required' | 'rules'>): TableOrigin['rules'] {
  return required ? [EVERY_CREATE] : rules;
}

/** Whether a file's ctime tells every state that it will have from the one that was read. */
export function isSettled({ stamp }: WatchedFile, since: number): boolean {
  return stamp === undefined || Number(stamp.ctimeNs / 1_000_000n) < since - SETTLED;
}

/** The call that leaves a table. */
export interface LeaveOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly launcher: FileId & { readonly path: string };
  readonly since: number;
}

/**
 * Leaves the table by which the next call like this one passes without the engine when there is nothing to rewrite.
 *
 * @param env - the caller's environment
 * @param launcher - the launcher of this call
 * @param since - when this process started, in ms since 1970
 * @returns what went wrong, if something did: it is only an optimisation
 */
export function leaveTable(
  system: System,
  settings: Settings,
  { env, launcher, since }: LeaveOptions,
): unknown | undefined {
  if (!mayHaveTable(settings, env)) return undefined;
  const { handler, watched } = settings;
  const rules = rulesOfTable(settings);
  if (!watched.every((file) => isSettled(file, since))) return undefined;
  return renewTable(system, { launcher, handler, rules, watched });
}
