import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { answerOf, type Failure, isFailure, type System } from '../system/system.js';
import { inFolder } from './volume-folder.js';

/** How long another start that prepares the same volume is waited for, in milliseconds: it holds the lock for a few. */
const LONGEST_WAIT = 10_000;
const BETWEEN_TRIES = 20;

/**
 * Takes the lock of a volume: flock(2) of its folder, which ends with the descriptor and leaves nothing behind.
 *
 * @throws CliError `ERR_VOLUME_BUSY` where somebody holds it all the time
 */
export function lockVolume(system: System, volume: number, path: string): void {
  for (let waited = 0; waited < LONGEST_WAIT; waited += BETWEEN_TRIES) {
    if (answerOf(system.tryLock(volume), path)) return;
    system.sleep(BETWEEN_TRIES);
  }
  throw new CliError('ERR_VOLUME_BUSY', `another program holds the lock of the volume ${quoted(path)}`, {
    details: { path },
  });
}

/**
 * Whether some overlay mount of this machine has a folder as its upper or work folder: the kernel's own answer, by inode, whoever
 * made the mount and in whichever namespace it is.
 *
 * An overlay whose *lower* is that folder is created with `index=on` and never attached. The kernel refuses it (EBUSY) where the
 * folder is in use (ovl_is_inuse in fs/overlayfs/super.c, since Linux 5.2); with `index=off` it would only warn. What that overlay
 * itself would write goes to a tmpfs that is never attached either.
 *
 * @returns the call that failed, where the kernel cannot be asked
 */
export function isUpperInUse(system: System, upper: number): boolean | Failure {
  const scratch = detachedTmpfs(system);
  if (isFailure(scratch)) return scratch;
  const opened = system.fsopen('overlay');
  try {
    if (isFailure(opened)) return opened;
    for (const name of ['upper', 'work']) answerOf(system.mkdir(inFolder(scratch, name), 0o700));
    // A tmpfs without attributes (CONFIG_TMPFS_XATTR) turns index=on into off, and the refusal into a warning that nobody sees.
    const attribute = system.getxattr(inFolder(scratch, 'upper'), 'trusted.overlay.opaque');
    if (isFailure(attribute) && attribute.errno !== 'ENODATA') return attribute;
    const options = {
      index: 'on',
      lowerdir: `/proc/self/fd/${upper}`,
      upperdir: inFolder(scratch, 'upper'),
      workdir: inFolder(scratch, 'work'),
    };
    for (const [key, value] of Object.entries(options)) {
      const failure = system.fsconfig(opened, key, value);
      if (failure !== undefined) return failure;
    }
    const created = system.createFileSystem(opened);
    if (created === undefined) return false;
    return created.errno === 'EBUSY' ? true : created;
  } finally {
    if (!isFailure(opened)) system.close(opened);
    system.close(scratch);
  }
}

function detachedTmpfs(system: System): number | Failure {
  const context = system.fsopen('tmpfs');
  if (isFailure(context)) return context;
  try {
    return system.createFileSystem(context) ?? system.fsmount(context, 0);
  } finally {
    system.close(context);
  }
}

/** Milliseconds between the questions whether an upper is free again: a container that was killed takes a moment to be gone. */
const PAUSES = [0, 20, 80, 200, 500];

/**
 * Whether an upper stays in use: that of a container that has just ended is free after a moment.
 *
 * @returns as {@link isUpperInUse}
 */
export function staysInUse(system: System, upper: number): boolean | Failure {
  for (const pause of PAUSES) {
    if (pause > 0) system.sleep(pause);
    const answer = isUpperInUse(system, upper);
    if (answer !== true) return answer;
  }
  return true;
}
