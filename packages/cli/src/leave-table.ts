import { statSync } from 'node:fs';
import { dirname } from 'node:path';

import type { FileId } from '@opencontainers-ts/rootfs-rewriter';

import type { Settings } from './config/settings.js';
import type { FileStamp, WatchedFile } from './fast-path-table.js';
import { renewTable } from './renew-table.js';

/** A table says what the settings came to. Older than this, in ms, a file was the same when they were loaded. */
const SETTLED = 1000;

/**
 * Whether the launcher may go by a table. It reads no configuration: what one says of runtimes and of the log, and what
 * is chosen by the call itself, it does not know.
 */
export function mayHaveTable(
  { fastPath, fault, profile, runtime, origins }: Settings,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  // Another configuration than the one that the next call has.
  if (env['OCIWRAP_CONFIG']) return false;
  const isByCall = origins['profile']?.from === 'environment' || origins['profile']?.from === 'call';
  const ofFile = Object.entries(origins).some(
    ([key, { from }]) => from === 'file' && (key.startsWith('log.') || key.startsWith('runtime.')),
  );
  const namesRuntime = Object.values(runtime).some((value) => value !== undefined);
  return fastPath && fault === undefined && profile !== 'guardian' && !isByCall && !ofFile && !namesRuntime;
}

/** The call that leaves a table. */
export interface LeaveOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly launcher: FileId & { readonly path: string };
  readonly script: string;
  readonly since: number;
}

/**
 * Leaves the table by which the next call like this one passes without Node when there is nothing to rewrite.
 *
 * @param env - the caller's environment
 * @param launcher - the launcher of this call
 * @param script - where the launcher looks for our own code (launcher/fast-path.cc)
 * @param since - when this process started, in ms since 1970
 * @returns what went wrong, if something did: it is only an optimisation
 */
export function leaveTable(
  settings: Settings,
  { env, launcher, script, since }: LeaveOptions,
): unknown | undefined {
  if (!mayHaveTable(settings, env)) return undefined;
  try {
    const watched = settings.watched.map((path) => watchedFile(path, since - SETTLED));
    if (watched.includes(undefined)) return undefined;
    return renewTable({
      launcher,
      script,
      rules: settings.rules,
      watched: watched.filter((file) => file !== undefined),
    });
  } catch (error) {
    return error;
  }
}

/** The file as it is, if it was the same at that time: what is written while we run would be taken for what we read. */
function watchedFile(path: string, settledBefore: number): WatchedFile | undefined {
  const found = stampBefore(path, settledBefore);
  if (found === 'changed') return undefined;
  if (found !== undefined) return { path, stamp: found };
  // It may have been there: then its folder has changed.
  let folder = dirname(path);
  while (folder !== '/' && stampBefore(folder, settledBefore) === undefined) folder = dirname(folder);
  return stampBefore(folder, settledBefore) === 'changed' ? undefined : { path };
}

function stampBefore(path: string, settledBefore: number): FileStamp | 'changed' | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const { dev, ino, size, ctimeNs } = stat;
  return Number(ctimeNs / 1_000_000n) < settledBefore ? { dev, ino, size, ctimeNs } : 'changed';
}
