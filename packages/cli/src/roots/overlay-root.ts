import type { IdMapping, MountRoot } from '@opencontainers-ts/rootfs-rewriter';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { MOUNT } from '../system/mount-calls.js';
import { answerOf, type Failure, isFailure, type System, SystemError } from '../system/system.js';
import { textOf } from '../system/text.js';
import { actAs, type HostOwner, hostOwner } from './host-owner.js';
import { contentOf, inFolder, openBelow, STRICTLY } from './volume-folder.js';
import { openOrMakeOurs } from './volume-record.js';

/** What an overlay needs of a volume; `merged` is where SGS's wrapper mounted it, and nothing to us. */
const LAYOUT = ['upper', 'work', 'merged'];

/** How many names of others a message lists. */
const LISTED = 5;

/** File systems by their magic numbers that the kernel refuses as an upper, and what people call them. */
const NO_UPPER: ReadonlyMap<bigint, string> = new Map([
  [0x6969n, 'NFS'],
  [0xff534d42n, 'CIFS'],
  [0xfe534d42n, 'SMB'],
  [0x517bn, 'SMB'],
  [0x65735546n, 'FUSE'],
  [0x0102_1997n, '9p'],
  [0x00c3_6400n, 'CephFS'],
  [0x794c_7630n, 'overlayfs'],
  [0x4d44n, 'FAT'],
  [0x2011_bab0n, 'exFAT'],
]);

/** The layers of an overlay that the volume gives, open. */
export interface UpperLayers {
  readonly upper: number;
  readonly work: number;
}

/**
 * Opens `upper` and `work` of a volume, which are made where they are missing and the volume is otherwise empty.
 *
 * A new upper has the owner, the mode and the SELinux label of the image's root, since it is what the container sees at `/`. It
 * gets its name when it has them: a start that is killed leaves no upper that is half made.
 *
 * @param volume - the volume's top, open and locked
 * @param image - the root of the image, open
 * @throws CliError `ERR_VOLUME_NO_UPPER`, `ERR_VOLUME_FOREIGN`, `ERR_VOLUME_FULL`
 */
export function openLayers(system: System, volume: number, image: number, action: MountRoot): UpperLayers {
  checkFileSystem(system, volume, action);
  let upper = openBelow(system, volume, 'upper');
  if (upper === undefined) {
    checkNothingElse(system, volume, action);
    makeUpper(system, volume, image, action);
    upper = openBelow(system, volume, 'upper');
  }
  const work = openBelow(system, volume, 'work') ?? makeWork(system, volume, action);
  if (upper === undefined) throw new CliError('ERR_HOST_CHANGED', 'the upper of the volume went away');
  checkAttributes(system, volume, upper, action);
  return { upper, work };
}

function noUpper({ volume, root }: MountRoot, why: string, cause?: unknown): CliError {
  return new CliError(
    'ERR_VOLUME_NO_UPPER',
    `the volume ${quoted(volume)} cannot be the upper of an overlay: ${why}`,
    {
      details: { path: root },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function checkFileSystem(system: System, volume: number, action: MountRoot): void {
  const { type } = answerOf(system.statfs(inFolder(volume, '.')), action.root);
  const name = NO_UPPER.get(type);
  if (name !== undefined) throw noUpper(action, `its file system is ${name}`);
}

function checkNothingElse(system: System, volume: number, { volume: name, root }: MountRoot): void {
  const others = contentOf(system, volume)
    .map(textOf)
    .filter((each) => !LAYOUT.includes(each));
  if (others.length === 0) return;
  const listed = others
    .sort()
    .slice(0, LISTED)
    .map((each) => quoted(each));
  const more = others.length > LISTED ? ` and ${others.length - LISTED} more` : '';
  throw new CliError(
    'ERR_VOLUME_FOREIGN',
    `the volume ${quoted(name)} has no "upper" and is not empty: it holds ${listed.join(', ')}${more}`,
    { details: { path: root } },
  );
}

/** The name that an upper has in the folder of ours until it is as it must be. */
const NEW_UPPER = 'upper.new';

/** The attribute with the label of SELinux. */
const LABEL = 'security.selinux';

function makeUpper(system: System, volume: number, image: number, action: MountRoot): void {
  const ours = roomFor(action, () => openOrMakeOurs(system, volume));
  try {
    const fresh = inFolder(ours, NEW_UPPER);
    system.rmdir(fresh); // of a start that was killed
    roomFor(action, () => answerOf(system.mkdir(fresh, 0o700), NEW_UPPER));
    const upper = answerOf(system.openat2(ours, NEW_UPPER, 'folder', STRICTLY), NEW_UPPER);
    try {
      const { uid, gid, mode } = answerOf(system.fstat(image));
      const { idMappings } = action;
      answerOf(system.fchown(upper, onDisk(uid, idMappings?.uid), onDisk(gid, idMappings?.gid)), NEW_UPPER);
      answerOf(system.fchmod(upper, mode), NEW_UPPER);
      const label = system.getxattr(inFolder(image, '.'), LABEL);
      // Where there is no SELinux there is no label, and none is missed.
      if (!isFailure(label)) system.setxattr(fresh, LABEL, label);
    } finally {
      system.close(upper);
    }
    answerOf(system.rename(fresh, inFolder(volume, 'upper')), 'upper');
  } finally {
    system.close(ours);
  }
}

/**
 * The id that a file of the image has on the volume, where the volume is mounted with mappings: the engine has shifted the image to
 * the ids of the host. One that is not mapped is root's.
 */
function onDisk(id: number, mappings: readonly IdMapping[] | undefined): number {
  if (mappings === undefined) return id;
  const mapping = mappings.find(({ hostID, size }) => id >= hostID && id < hostID + size);
  return mapping === undefined ? 0 : id - mapping.hostID + mapping.containerID;
}

function makeWork(system: System, volume: number, action: MountRoot): number {
  roomFor(action, () => answerOf(system.mkdir(inFolder(volume, 'work'), 0o700), 'work'));
  return answerOf(system.openat2(volume, 'work', 'folder', STRICTLY), 'work');
}

/** What needs room on the volume, and says so where there is none. */
function roomFor<T>(action: MountRoot, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw cause;
    throw volumeFull(action, cause);
  }
}

function volumeFull({ volume, root }: MountRoot, cause?: unknown): CliError {
  return new CliError('ERR_VOLUME_FULL', `the volume ${quoted(volume)} has no space, or no inodes, left`, {
    details: { path: root },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The kernel mounts all the same, and fails later: at the first folder that is deleted and made again. */
function checkAttributes(system: System, volume: number, upper: number, action: MountRoot): void {
  const opaque = system.getxattr(inFolder(volume, 'upper'), 'trusted.overlay.opaque');
  if (isFailure(opaque) && (opaque.errno === 'ENOTSUP' || opaque.errno === 'EOPNOTSUPP')) {
    throw noUpper(action, 'its file system has no extended attributes');
  }
  if (system.entryTypes(upper) === false) {
    throw noUpper(
      action,
      'its file system does not say of what type the entries of a folder are (XFS with ftype=0)',
    );
  }
}

/** Said explicitly: distributions and modules have defaults of their own (overlayfs.rst). `volatile` is never among them. */
const OPTIONS = { index: 'off', metacopy: 'off', redirect_dir: 'off' } as const;

/** The bits that statfs(2) and fsmount(2) share: ST_NOSUID, ST_NODEV, ST_NOEXEC. */
const KEPT = MOUNT.noSuid | MOUNT.noDev | MOUNT.noExec;

/**
 * Mounts the overlay, detached.
 *
 * The layers are descriptors: no character of a path can be taken for an option, and nothing can be swapped. Kernels before 6.13
 * take no descriptors, but paths of /proc that lead to them.
 *
 * @throws CliError `ERR_ROOT_MOUNT`, `ERR_VOLUME_FULL`, `ERR_VOLUME_NO_UPPER`
 */
export function mountOverlay(system: System, image: number, layers: UpperLayers, action: MountRoot): number {
  // The overlay has flags of its own: without this a volume that is mounted nosuid would have setuid programs.
  const { flags } = answerOf(system.statfs(inFolder(layers.upper, '.')), action.root);
  const attributes = (flags & KEPT) + (action.readonly ? MOUNT.readOnly : 0);
  const owner = hostOwner(action);
  const byDescriptor = createOverlay(system, image, layers, { byDescriptor: true, owner });
  const context = isFailure(byDescriptor)
    ? createOverlay(system, image, layers, { byDescriptor: false, owner })
    : byDescriptor;
  if (isFailure(context)) throw notMounted(context, action);
  try {
    const mount = system.fsmount(context, attributes);
    if (isFailure(mount)) throw notMounted(mount, action);
    if (!action.readonly) checkWritable(system, mount, layers.upper, action);
    return mount;
  } finally {
    system.close(context);
  }
}

/** ST_RDONLY of statfs(2). */
const READ_ONLY = 1;

/** Blocks and inodes for what the kernel makes in the work folder; where it could not make all, it has removed the rest again. */
const FOR_WORK = 8n;

/** Where the folder `work/work` cannot be made, the kernel only warns, and mounts the overlay read-only (ovl_workdir_create). */
function checkWritable(system: System, mount: number, upper: number, action: MountRoot): void {
  const { flags } = answerOf(system.statfs(inFolder(mount, '.')), action.root);
  if ((flags & READ_ONLY) === 0) return;
  system.close(mount);
  const { freeBlocks, freeInodes, inodes } = answerOf(system.statfs(inFolder(upper, '.')), action.root);
  // Some file systems have no number of inodes.
  if (freeBlocks < FOR_WORK || (inodes > 0n && freeInodes < FOR_WORK)) throw volumeFull(action);
  throw noUpper(action, 'the kernel mounts the overlay read-only (see `dmesg`)');
}

interface NotCreated extends Failure {
  /** What the kernel says of it. */
  readonly said?: string;
}

interface HowCreated {
  readonly byDescriptor: boolean;
  /** Who root of the container is on the host. */
  readonly owner: HostOwner;
}

/** An overlay acts on its layers as who created it (`creator_cred`). */
function createAs(system: System, context: number, owner: HostOwner): Failure | undefined {
  return actAs(system, owner, () => system.createFileSystem(context));
}

function createOverlay(
  system: System,
  image: number,
  { upper, work }: UpperLayers,
  { byDescriptor, owner }: HowCreated,
): number | NotCreated {
  const context = system.fsopen('overlay');
  if (isFailure(context)) return context;
  const layer = (fd: number) => (byDescriptor ? fd : `/proc/self/fd/${fd}`);
  const settings: readonly (readonly [string, string | number])[] = [
    ['source', 'overlay'],
    ...Object.entries(OPTIONS),
    [byDescriptor ? 'lowerdir+' : 'lowerdir', layer(image)],
    ['upperdir', layer(upper)],
    ['workdir', layer(work)],
  ];
  let failure: Failure | undefined;
  for (const [key, value] of settings) failure ??= system.fsconfig(context, key, value);
  failure ??= createAs(system, context, owner);
  if (failure === undefined) return context;
  const said = messageOf(system, context);
  system.close(context);
  return { ...failure, ...(said === undefined ? {} : { said }) };
}

/** A kernel may say several lines, each read by itself, with a letter for its level before it. */
function messageOf(system: System, context: number): string | undefined {
  const lines: string[] = [];
  while (lines.length < LISTED) {
    const line = system.read(context, 1024);
    if (isFailure(line) || line.length === 0) break;
    lines.push(
      textOf(line)
        .replace(/^[a-z] /, '')
        .trim(),
    );
  }
  return lines.length === 0 ? undefined : printable(lines.join('; '));
}

function notMounted(failure: NotCreated, action: MountRoot): CliError {
  const { errno, said } = failure;
  const cause = new SystemError(failure, action.root);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return volumeFull(action, cause);
  const what = said === undefined ? errno : `${errno}, ${said}`;
  if (said !== undefined && /upper/.test(said) && /support|required/.test(said))
    return noUpper(action, what, cause);
  return new CliError(
    'ERR_ROOT_MOUNT',
    `the overlay of the image and the volume ${quoted(action.volume)} cannot be mounted: ${what}`,
    { cause, details: { path: action.root, errno } },
  );
}
