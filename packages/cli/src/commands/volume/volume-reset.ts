import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../../cli-error.js';
import { refuseLeased } from '../../roots/lease.js';
import { lockVolume } from '../../roots/one-container.js';
import { takeSeedLock } from '../../roots/seed-lock.js';
import { emptySeeded } from '../../roots/seed-reset.js';
import { type NotRemoved, type Removal, removeDiscarded } from '../../roots/upper-removal.js';
import { beginReset, finishReset, isKeepable } from '../../roots/upper-reset.js';
import { contentOf, OUR_FOLDER, STRICTLY } from '../../roots/volume-folder.js';
import { openOrMakeOurs } from '../../roots/volume-record.js';
import { normalize } from '../../system/paths.js';
import { isFailure, type System, SystemError } from '../../system/system.js';
import { bytesOf, bytesOfWord, textOf } from '../../system/text.js';
import type { CommandOutput } from '../output.js';
import { toldLog } from '../told-log.js';
import { usageError } from '../usage-error.js';
import { type OpenedVolume, type VolumeWorld, withUpper, withVolume } from './opened-volume.js';
import { refuseInUse } from './volume-use.js';

interface ResetOptions {
  readonly path: string;
  /** Paths in the root that stay. */
  readonly keep: readonly string[];
  readonly yes: boolean;
}

/** How many entries of the top a question lists. */
const LISTED = 8;

/** Starts a volume over: the next start has the image again, with what was kept. */
export function volumeReset({ path, keep, yes }: ResetOptions, world: VolumeWorld): CommandOutput {
  const kept = keep.map(keptPath);
  return withVolume(path, world, (volume) => {
    const { layout } = volume;
    if (layout !== 'overlay' && layout !== 'seed') throw notToReset(volume);
    if (layout === 'seed' && kept.length > 0) {
      throw usageError(
        'a volume that is filled from an image is filled only while it is empty: nothing can be kept; copy it elsewhere first',
        COMMAND,
      );
    }
    if (!yes) throw unconfirmed(world.system, volume, kept);
    const { system } = world;
    const umask = system.umask(0o077);
    try {
      const message = layout === 'seed' ? resetSeeded(system, volume) : resetUpper(system, volume, kept);
      const { log, warning } = toldLog(world.log({ verbose: false }), world.settings.log.file);
      log('info', message, { verb: 'volume reset' });
      return { status: 0, stdout: `${message}\n`, stderr: warning() };
    } finally {
      system.umask(umask);
    }
  });
}

const COMMAND = 'ociwrap volume reset';

/** As a reset is written down: without slashes at its ends. */
function keptPath(path: string): string {
  const names = normalize(`/${path}`).replace(/^\/|\/$/g, '');
  if (isKeepable(names)) return names;
  throw usageError(`--keep ${quoted(path)} is no path of something in the root`, COMMAND);
}

function notToReset({ path, layout }: OpenedVolume): CliError {
  const what =
    layout === 'empty' ? 'is empty' : 'is the root itself: nothing says what it was before it was used';
  return new CliError('ERR_VOLUME_FOREIGN', `${quoted(path)} ${what}`, {
    details: { path },
    hint: 'a volume of the strategy "overlay" or "seed" can start over; any other is emptied by hand',
  });
}

function unconfirmed(system: System, volume: OpenedVolume, keep: readonly string[]): CliError {
  const names =
    volume.layout === 'overlay'
      ? withUpper(system, volume, (upper) => contentOf(system, upper))
      : contentOf(system, volume.top);
  const listed = names
    .map((name) => quoted(`/${textOf(name)}`))
    .sort()
    .slice(0, LISTED);
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  const what = names.length === 0 ? 'nothing' : `what is in ${listed.join(', ')}${more}`;
  const stays = keep.length === 0 ? '' : `, but ${keep.map((path) => quoted(`/${path}`)).join(', ')}`;
  return usageError(`this would remove ${what}${stays}, for ever: say --yes to do it`, COMMAND);
}

/** @returns what was done */
function resetSeeded(system: System, volume: OpenedVolume): string {
  const { path, top } = volume;
  const lock = takeSeedLock(system, top);
  if (lock === undefined) {
    throw new CliError('ERR_VOLUME_BUSY', `a start fills ${quoted(path)}`, { details: { path } });
  }
  try {
    refuseInUse(system, volume);
    refuseLeased(system, volume.top, { name: volume.path, path: volume.path });
    const removed = orStuck(path, () => emptySeeded(system, top));
    return `${quoted(path)} starts over; removed: ${removed} entries`;
  } finally {
    lock.release(true);
  }
}

/** @returns what was done */
function resetUpper(system: System, volume: OpenedVolume, keep: readonly string[]): string {
  const { path, top } = volume;
  lockVolume(system, top, path);
  refuseInUse(system, volume);
  refuseLeased(system, volume.top, { name: volume.path, path: volume.path });
  const wentOn = orStuck(path, () => finishReset(system, top));
  checkKept(system, volume, keep);
  beginReset(system, top, keep);
  orStuck(path, () => finishReset(system, top));
  const { removed, failures } = removeAll(system, top);
  if (failures.length > 0) throw stuck(path, failures);
  const kept = keep.length === 0 ? 'nothing' : keep.map((each) => quoted(`/${each}`)).join(', ');
  const before = wentOn ? ', after a reset that had not come to its end' : '';
  return `${quoted(path)} starts over${before}; kept: ${kept}; removed: ${removed} entries`;
}

/** What is named and not there may be misspelt, and lost. */
function checkKept(system: System, volume: OpenedVolume, keep: readonly string[]): void {
  withUpper(system, volume, (upper) => {
    for (const path of keep) {
      const why = whyNotThere(system, upper, path);
      if (why === undefined) continue;
      throw usageError(
        `there is nothing to keep at ${quoted(`/${path}`)}: ${why}; \`ociwrap volume diff\` lists what the volume has`,
        COMMAND,
      );
    }
  });
}

function whyNotThere(system: System, upper: number, path: string): string | undefined {
  const end = path.lastIndexOf('/');
  const folder = system.openat2(upper, end === -1 ? '.' : path.slice(0, end), 'folder', STRICTLY);
  if (isFailure(folder)) {
    return folder.errno === 'ELOOP' || folder.errno === 'ENOTDIR'
      ? 'a symlink or a file is on the way'
      : `the volume has no such folder (${folder.errno})`;
  }
  try {
    const place = bytesOf(`/proc/self/fd/${folder}/${path.slice(end + 1)}`);
    const status = system.lstat(place);
    return isFailure(status) ? `the volume has no such entry (${status.errno})` : undefined;
  } finally {
    system.close(folder);
  }
}

function removeAll(system: System, top: number): Removal {
  const ours = openOrMakeOurs(system, top);
  try {
    return removeDiscarded(system, ours);
  } finally {
    system.close(ours);
  }
}

/** @throws CliError `ERR_VOLUME_RESET` */
function orStuck<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof SystemError)) throw cause;
    const { code, path: name } = cause;
    const what = name === undefined ? code : `${code} for ${quoted(name)}`;
    throw new CliError('ERR_VOLUME_RESET', `the reset of ${quoted(path)} has not come to its end: ${what}`, {
      cause,
      details: { path, errno: code },
    });
  }
}

function stuck(path: string, failures: readonly NotRemoved[]): CliError {
  const [{ errno, name }] = failures as readonly [NotRemoved];
  const place = quoted(`${OUR_FOLDER}/${textOf(bytesOfWord(name))}`);
  const message = `${quoted(path)} starts over, but what it held is still there in part: ${errno} for ${place}`;
  return new CliError('ERR_VOLUME_RESET', message, { details: { path, errno } });
}
