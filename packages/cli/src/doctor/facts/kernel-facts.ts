import { inFolder } from '../../roots/volume-folder.js';
import { MOUNT } from '../../system/mount-calls.js';
import { readFile } from '../../system/read-file.js';
import { type Failure, isFailure, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';

/** What a root on a volume needs of the kernel, in the words of its manual. */
export type KernelFeature =
  | 'openat2'
  | 'open_tree'
  | 'move_mount'
  | 'unshare'
  | 'mount_setattr'
  | 'user namespaces'
  | 'MOVE_MOUNT_SET_GROUP'
  | 'STATX_ATTR_MOUNT_ROOT';

/** What was found out about the kernel by trying. */
export interface KernelFacts {
  /** As `uname -r` prints it; empty where nobody says it. */
  readonly release: string;
  /** Whether this program can make system calls of its own: on Node.js it cannot. */
  readonly canTry: boolean;
  /** What was refused, with the errno. */
  readonly refused: ReadonlyMap<KernelFeature, string>;
  /** Whether /run is a mount of its own, or lies on the mount of `/`. */
  readonly runIsMount: boolean;
}

/**
 * Tries what a root needs, so that nothing comes of it: calls get descriptors that are none, and a kernel that has the call and
 * lets us make it complains of those alone (EBADF). Only this process leaves its mount namespace, which ends with it.
 */
export function kernelFacts(system: System): KernelFacts {
  const release = readText(system, '/proc/sys/kernel/osrelease').trim();
  const canTry = isMade(system.statfs('/'), 'ENOSYS');
  const tries: readonly (readonly [KernelFeature, () => string | undefined])[] = [
    ['openat2', () => opened(system, system.openat2(-1, '/', 'path', 0))],
    ['open_tree', () => unlessDescriptor(system.cloneTree(-1, false))],
    ['move_mount', () => unlessDescriptor(system.moveMount(-1, '/', 0))],
    ['mount_setattr', () => unlessDescriptor(system.setMountAttributes(-1, MOUNT.readOnly, -1))],
    ['user namespaces', () => opened(system, system.userNamespace('0 0 1', '0 0 1'))],
    ['MOVE_MOUNT_SET_GROUP', () => unlessDescriptor(system.moveMount(-1, '/', MOUNT.setGroup))],
    ['STATX_ATTR_MOUNT_ROOT', () => (isMountRoot(system, '/') === undefined ? 'ENOSYS' : undefined)],
    ['unshare', () => system.unshareMounts()?.errno],
  ];
  const refused = new Map<KernelFeature, string>();
  for (const [feature, attempt] of canTry ? tries : []) {
    const errno = attempt();
    if (errno !== undefined) refused.set(feature, errno);
  }
  return { release, canTry, refused, runIsMount: isMountRoot(system, '/run') === true };
}

/** What was found out about overlays. */
export type OverlayFacts =
  | { readonly works: true }
  | { readonly works: false; readonly failed: string; readonly errno: string; readonly said?: string };

/**
 * Puts an overlay together, as a root is, of a file system in memory: no part of it ever gets a place, and all of it is gone with the
 * descriptors.
 */
export function overlayFacts(system: System): OverlayFacts {
  const memory = mountDetached(system, 'tmpfs', []);
  if (isFailure(memory)) return failed(memory);
  try {
    for (const name of ['image', 'upper', 'work']) {
      const failure = system.mkdir(inFolder(memory, name), 0o700);
      if (isFailure(failure)) return failed(failure);
    }
    const overlay = mountDetached(system, 'overlay', [
      ['lowerdir', inFolder(memory, 'image')],
      ['upperdir', inFolder(memory, 'upper')],
      ['workdir', inFolder(memory, 'work')],
    ]);
    if (isFailure(overlay)) return failed(overlay);
    system.close(overlay);
    return { works: true };
  } finally {
    system.close(memory);
  }
}

/** A failure, with what the kernel says of it. */
interface NotMounted extends Failure {
  readonly said?: string;
}

function mountDetached(
  system: System,
  type: string,
  options: readonly (readonly [string, string])[],
): number | NotMounted {
  const context = system.fsopen(type);
  if (isFailure(context)) return context;
  try {
    let failure: Failure | undefined;
    for (const [key, value] of options) failure ??= system.fsconfig(context, key, value);
    failure ??= system.createFileSystem(context);
    if (failure !== undefined) return { ...failure, ...saidOf(system, context) };
    return system.fsmount(context, 0);
  } finally {
    system.close(context);
  }
}

/** A line of the kernel has a letter for its level before it: `e overlay: ...` (fsopen(2)). */
function saidOf(system: System, context: number): { readonly said?: string } {
  const line = system.read(context, 1024);
  return isFailure(line) || line.length === 0
    ? {}
    : {
        said: textOf(line)
          .replace(/^[a-z] /, '')
          .trim(),
      };
}

function failed({ errno, syscall = 'mount', said }: NotMounted): OverlayFacts {
  return { works: false, failed: syscall, errno, ...(said === undefined ? {} : { said }) };
}

function isMade(answer: unknown, missing: string): boolean {
  return !isFailure(answer) || answer.errno !== missing;
}

function unlessDescriptor(answer: unknown): string | undefined {
  return isFailure(answer) && answer.errno !== 'EBADF' ? answer.errno : undefined;
}

function opened(system: System, answer: number | Failure): string | undefined {
  if (isFailure(answer)) return answer.errno;
  system.close(answer); // nothing was written
  return undefined;
}

function isMountRoot(system: System, path: string): boolean | undefined {
  const found = system.resolveBeneath(path, '.');
  return isFailure(found) ? undefined : found.isMountRoot;
}

/** The text of a file of the kernel's; empty where there is none. */
export function readText(system: System, path: string): string {
  const bytes = readFile(system, path);
  return isFailure(bytes) ? '' : textOf(bytes);
}
