import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../../cli-error.js';
import { contentOf, inFolder, OUR_FOLDER, openBelow, STRICTLY } from '../../roots/volume-folder.js';
import { resolve } from '../../system/paths.js';
import { answerOf, isFailure, OPEN, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';
import type { World } from '../world.js';

/** What the commands about volumes see of the machine. */
export type VolumeWorld = Pick<World, 'system' | 'cwd' | 'log' | 'settings'>;

/**
 * What a volume is used for, as what lies on it says: `seed` was filled from an image, `overlay` has an upper, `replace` has anything
 * else, and may be a root.
 */
export type VolumeLayout = 'seed' | 'overlay' | 'replace' | 'empty';

/** A volume that a command was given. */
export interface OpenedVolume {
  /** Absolute, without symlinks. */
  readonly path: string;
  /** The top, open for reading. */
  readonly top: number;
  readonly layout: VolumeLayout;
}

/**
 * Opens a volume for a command, and closes it behind it.
 *
 * @param path - of its top, as on the command line
 * @throws CliError `ERR_SYSTEM_CALL` where there is no openat2(2), without which nothing on it is looked at
 * @throws SystemError
 */
export function withVolume<T>(
  path: string,
  { system, cwd }: VolumeWorld,
  use: (volume: OpenedVolume) => T,
): T {
  const absolute = resolve(cwd, path);
  const real = textOf(answerOf(system.realpath(absolute), absolute));
  const top = answerOf(system.open(real, OPEN.directory + OPEN.noFollow + OPEN.nonBlocking), absolute);
  try {
    const tried = system.openat2(top, '.', 'folder', STRICTLY);
    if (isFailure(tried)) throw missingCall('openat2', tried.errno);
    system.close(tried);
    return use({ path: real, top, layout: layoutOf(system, top) });
  } finally {
    system.close(top);
  }
}

/** @param failed - how the call ended, where it was made */
export function missingCall(call: string, failed?: string): CliError {
  return new CliError(
    'ERR_SYSTEM_CALL',
    `${call}(2) cannot be used here${failed === undefined ? '' : `: ${failed}`}`,
  );
}

function layoutOf(system: System, top: number): VolumeLayout {
  if (isThere(system, top, 'seed.json')) return 'seed';
  const [upper, work] = ['upper', 'work'].map((name) => system.lstat(inFolder(top, name)));
  const isFolder = (status: typeof upper) =>
    status !== undefined && !isFailure(status) && status.type === 'directory';
  if (isFolder(upper) && isFolder(work)) return 'overlay';
  return contentOf(system, top).length === 0 ? 'empty' : 'replace';
}

function isThere(system: System, top: number, record: string): boolean {
  const status = system.lstat(inFolder(top, OUR_FOLDER));
  if (isFailure(status) || status.type !== 'directory') return false;
  const ours = openBelow(system, top, OUR_FOLDER);
  if (ours === undefined) return false;
  try {
    return !isFailure(system.lstat(inFolder(ours, record)));
  } finally {
    system.close(ours);
  }
}

/**
 * Opens the upper of a volume, and closes it behind the caller.
 *
 * @throws CliError `ERR_VOLUME_FOREIGN` where the volume has none
 */
export function withUpper<T>(
  system: System,
  { path, top, layout }: OpenedVolume,
  use: (upper: number) => T,
): T {
  const upper = layout === 'overlay' ? openBelow(system, top, 'upper') : undefined;
  if (upper === undefined) {
    throw new CliError('ERR_VOLUME_FOREIGN', `${quoted(path)} ${WITHOUT_UPPER[layout]}`, {
      details: { path },
      hint: 'give the top of a volume of the strategy "overlay": it holds the folders `upper` and `work`',
    });
  }
  try {
    return use(upper);
  } finally {
    system.close(upper);
  }
}

const WITHOUT_UPPER: Readonly<Record<VolumeLayout, string>> = {
  overlay: 'has lost its upper',
  seed: 'was filled from an image, and has no upper',
  replace: 'holds something else than an upper and its work folder',
  empty: 'is empty',
};
