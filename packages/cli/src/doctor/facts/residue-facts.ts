import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';

import { parseMountInfo } from '../../system/mount-info.js';
import { join } from '../../system/paths.js';
import { isFailure, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';
import { readText } from './kernel-facts.js';

/** What calls that were killed, or went wrong, have left on the node. */
export interface ResidueFacts {
  /** Mounts that the host sees where only containers see one. */
  readonly mounts: readonly string[];
  /** Files that were being written when their process ended. */
  readonly temporary: readonly string[];
  /** Locks that nobody holds any more. */
  readonly locks: readonly string[];
}

/** The process that wrote, and a number that it gives to no other file (replace-file.ts). */
const TEMPORARY_NAME = /^\.(\d+)-\d+$/;

/** Until version 0.1.0 a rotation of the log, which takes microseconds, made a folder in the place of a lock. */
const STALE_MILLISECONDS = 10_000;

/**
 * Looks for residue.
 *
 * @param folders - in which this program writes
 * @param log - the log
 */
export function residueFacts(system: System, folders: readonly string[], log: string): ResidueFacts {
  const mounts = parseMountInfo(readText(system, '/proc/self/mountinfo')).map(({ mountPoint }) => mountPoint);
  const names = folders.flatMap((folder) => {
    const found = system.readdir(folder);
    return isFailure(found) ? [] : found.map((name) => ({ folder, name: textOf(name) }));
  });
  const temporary = names.filter(({ name }) => {
    const pid = TEMPORARY_NAME.exec(name)?.[1];
    return pid !== undefined && !system.isRunning(Number(pid));
  });
  return {
    mounts: mounts.filter((place) => place === ROOT_FOLDER || place.startsWith(`${ROOT_FOLDER}/`)),
    temporary: temporary.map(({ folder, name }) => join(folder, name)),
    locks: [`${log}.rotating`].filter((path) => isStale(system, path)),
  };
}

function isStale(system: System, path: string): boolean {
  const status = system.lstat(path);
  return !isFailure(status) && system.now() - Number(status.mtimeNs / 1_000_000n) > STALE_MILLISECONDS;
}
