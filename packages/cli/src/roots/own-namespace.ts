import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';

import { makeFolders } from '../system/make-folders.js';
import { MOUNT } from '../system/mount-calls.js';
import { dirname } from '../system/paths.js';
import { answerOf, type Failure, isFailure, OPEN, type System, SystemError } from '../system/system.js';
import { textOf } from '../system/text.js';

/** The mount namespace of the call, and how a root is put into it without a mount on the host. */
export interface OwnNamespace {
  /**
   * Mounts the root on {@link ROOT_FOLDER}, beneath or above what is there already.
   *
   * @param mount - a detached mount
   * @throws SystemError
   */
  attach(mount: number): void;
}

/** Why a call has no mount namespace of its own: the system call that failed, or what is missing. */
export interface NoNamespace {
  readonly impossible: string;
  readonly cause?: SystemError;
}

/**
 * Leaves the engine's mount namespace. Propagation stays as it is: mounts of the host come in, and those of the runtime reach the
 * host, as before.
 *
 * Only the root itself must not reach the host. So the mount that holds {@link ROOT_FOLDER} leaves its peer group while the root
 * is attached, and is put back into it (MOVE_MOUNT_SET_GROUP, Linux 5.15). On older kernels it stays a slave.
 *
 * @param openToAll - others than root may enter the folder above: the runtime of a user namespace is not root there
 */
export function enterNamespace(system: System, openToAll: boolean): OwnNamespace | NoNamespace {
  let group: MountGroup | undefined;
  try {
    makeFolder(system, openToAll);
    // Before anything is changed: a root by path is for the engine's own namespace.
    const missing = missingCall(system);
    if (missing !== undefined) return failed(missing);
    group = openGroup(system);
    if (group === undefined)
      return {
        impossible: `nobody says where the mount that holds ${ROOT_FOLDER} begins: Linux 5.8 or newer does, but not after a chroot`,
      };
    if (!group.canBeRestored && group.path === '/') {
      group.close();
      return { impossible: '/run lies on the mount of "/", and the kernel is older than Linux 5.15' };
    }
    const failure = system.unshareMounts();
    if (failure !== undefined) {
      group.close();
      return failed(failure);
    }
  } catch (error) {
    group?.close();
    if (error instanceof SystemError) return { impossible: error.message, cause: error };
    throw error;
  }
  return { attach: (mount) => attach(system, group, mount) };
}

function failed(failure: Failure): NoNamespace {
  const { errno, syscall = 'unshare' } = failure;
  return { impossible: `${syscall}: ${errno}`, cause: new SystemError(failure) };
}

/** A kernel that has the calls, and lets us make them, complains of the descriptor alone: there is none. */
function missingCall(system: System): Failure | undefined {
  const answers = [system.cloneTree(-1, false), system.moveMount(-1, ROOT_FOLDER, 0)];
  return answers.find((answer): answer is Failure => isFailure(answer) && answer.errno !== 'EBADF');
}

function makeFolder(system: System, openToAll: boolean): void {
  if (isFailure(system.lstat(ROOT_FOLDER))) makeFolders(system, ROOT_FOLDER, 0o700);
  if (!openToAll) return;
  const above = ROOT_FOLDER.slice(0, ROOT_FOLDER.lastIndexOf('/'));
  const fd = answerOf(system.open(above, OPEN.directory + OPEN.noFollow), above);
  try {
    answerOf(system.fchmod(fd, 0o711), above);
  } finally {
    system.close(fd);
  }
}

/** The mount that holds the folder, and a descriptor of it in the engine's namespace, whose peer group it keeps. */
interface MountGroup {
  readonly path: string;
  readonly descriptor: number;
  readonly canBeRestored: boolean;
  close(): void;
}

/** EBADF is the answer to the descriptor: the kernel knows the flag. Another one, to the flag itself, is EINVAL. */
function knowsSetGroup(system: System): boolean {
  const answer = system.moveMount(-1, '/', MOUNT.setGroup);
  return isFailure(answer) && answer.errno === 'EBADF';
}

function openGroup(system: System): MountGroup | undefined {
  const real = textOf(answerOf(system.realpath(ROOT_FOLDER), ROOT_FOLDER));
  const path = mountAbove(system, real);
  if (path === undefined) return undefined;
  const descriptor = answerOf(system.open(path, OPEN.directory), path);
  return {
    path,
    descriptor,
    canBeRestored: knowsSetGroup(system),
    close: () => void system.close(descriptor),
  };
}

/** A path and the folders above it, up to `/`. */
function ancestorsOf(path: string): readonly string[] {
  return path === '/' ? [path] : [path, ...ancestorsOf(dirname(path))];
}

/**
 * The place of the mount that holds a path; undefined where the kernel does not say it (STATX_ATTR_MOUNT_ROOT), and where it is out of sight,
 * as after chroot(2).
 */
function mountAbove(system: System, path: string): string | undefined {
  for (const each of ancestorsOf(path)) {
    const { isMountRoot } = answerOf(system.resolveBeneath(each, '.'), each);
    if (isMountRoot !== false) return isMountRoot === true ? each : undefined;
  }
  return undefined;
}

function attach(system: System, group: MountGroup, mount: number): void {
  const { path, descriptor, canBeRestored } = group;
  answerOf(system.setPropagation(path, canBeRestored ? MOUNT.private : MOUNT.slave), path);
  answerOf(system.moveMount(mount, ROOT_FOLDER, 0), ROOT_FOLDER);
  if (!canBeRestored) return;
  const failure = system.moveMount(descriptor, path, MOUNT.setGroup);
  // EINVAL: the engine's mount is private, there is no group (do_set_group in fs/namespace.c).
  if (failure !== undefined && failure.errno !== 'EINVAL') answerOf(failure, path);
}
