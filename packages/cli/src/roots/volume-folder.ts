import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { MOUNT } from '../system/mount-calls.js';
import { answerOf, isFailure, OPEN, type System } from '../system/system.js';

/**
 * How everything on a volume is opened: a container with root's rights could write it, so no link is followed, nothing leads
 * out, and no other mount is entered.
 */
export const STRICTLY =
  MOUNT.resolveBeneath | MOUNT.resolveNoSymlinks | MOUNT.resolveNoMagicLinks | MOUNT.resolveNoXdev;

/** The folder of ours at the top of a volume. */
export const OUR_FOLDER = '.ociwrap';

/** What mkfs leaves at the top of a file system: ext4's place for fsck. */
const LEFT_BY_MKFS = 'lost+found';

/** What open(2) says where another thing, or nothing, has a folder's path: a link is no folder. */
const NOT_IT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/**
 * Opens the folder that was pinned.
 *
 * @throws CliError `ERR_HOST_CHANGED` where another one, or none, has its path now
 * @throws SystemError
 */
export function openPinned(system: System, pin: PinnedPath): number {
  const fd = system.open(pin.path, OPEN.directory + OPEN.noFollow);
  if (isFailure(fd) && !NOT_IT.has(fd.errno)) answerOf(fd, pin.path);
  if (!isFailure(fd)) {
    const { dev, ino } = answerOf(system.fstat(fd), pin.path);
    if (dev === pin.dev && ino === pin.ino) return fd;
    system.close(fd);
  }
  throw new CliError('ERR_HOST_CHANGED', `${quoted(pin.path)} was replaced while the call was prepared`, {
    details: { path: pin.path },
  });
}

/** The path of an entry in an open folder: what precedes the name is the folder itself, whatever it is called now. */
export function inFolder(folder: number, name: string): string {
  return `/proc/self/fd/${folder}/${name}`;
}

/** Opens a folder of ours or of the layout; undefined where there is none. */
export function openBelow(system: System, folder: number, name: string): number | undefined {
  const fd = system.openat2(folder, name, 'folder', STRICTLY);
  return isFailure(fd) && fd.errno === 'ENOENT' ? undefined : answerOf(fd, name);
}

/** What lies at the top of a volume and is neither ours nor mkfs's, as bytes. */
export function contentOf(system: System, volume: number): readonly Uint8Array[] {
  const names = answerOf(system.readdir(inFolder(volume, '.')));
  return names.filter((name) => !isText(name, OUR_FOLDER) && !isText(name, LEFT_BY_MKFS));
}

function isText(name: Uint8Array, text: string): boolean {
  return name.length === text.length && [...name].every((byte, index) => byte === text.charCodeAt(index));
}
