import type { IdMapping, MountRoot, PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonPatch, printable, quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import type { ActionNote } from '../host-actions/action-note.js';
import { MOUNT } from '../system/mount-calls.js';
import { answerOf, isFailure, OPEN, type System, SystemError } from '../system/system.js';
import { checkFitness } from './fit-root.js';
import { gvisorLeftovers } from './gvisor-leftovers.js';
import { actAs, hostOwner } from './host-owner.js';
import { imageIdentity, isOtherImage } from './image-identity.js';
import { bootId, isOfOneNode, nodeName, refuseLeased } from './lease.js';
import { lockVolume, staysInUse } from './one-container.js';
import { mountOverlay, openLayers } from './overlay-root.js';
import { enterNamespace, type NoNamespace, type OwnNamespace } from './own-namespace.js';
import { readSeedRecord } from './seed-record.js';
import { seedVolume } from './seed-volume.js';
import { takeUpReset } from './upper-reset.js';
import { openPinned, STRICTLY } from './volume-folder.js';
import { type ImageIdentity, readImage, readUse, writeRecord } from './volume-record.js';

/** What came of it: operations that follow on the patch, and what the log should know. */
export interface MountedRoot {
  readonly patch: JsonPatch;
  readonly notes: readonly ActionNote[];
}

/** What a start is told of, beside the action. */
export interface StartSetting {
  /** The id that the runtime was given. */
  readonly container: string;
  /** Takes lines for the log while they are true: filling a volume may take minutes. */
  readonly tell: (message: string) => void;
}

/** A start of a container on a volume: what is mounted, from what, and who asks. */
interface Start extends StartSetting {
  readonly system: System;
  readonly action: MountRoot;
  /** The volume's top, open. */
  readonly volume: number;
  readonly notes: ActionNote[];
}

/**
 * Puts the root of a container together in a mount namespace of the call; see
 * docs/adr/0003-roots-in-a-namespace-of-the-call.md.
 *
 * @param pin - of the folder of the volume
 * @throws CliError where the root cannot be the one that was asked for
 */
export function mountRoot(
  system: System,
  action: MountRoot,
  pin: PinnedPath,
  setting: StartSetting,
): MountedRoot {
  const umask = system.umask(0o077);
  let volume = -1;
  try {
    const namespace = action.byPath ? LATE : enterNamespace(system, action.idMappings !== undefined);
    // Only now: a descriptor is for a mount, and one of the engine's namespace cannot be cloned or be a layer here.
    volume = openPinned(system, pin);
    const start: Start = { ...setting, system, action, volume, notes: [] };
    for (const msg of gvisorLeftovers(system, volume)) start.notes.push({ level: 'warn', msg });
    const patch = 'impossible' in namespace ? withoutNamespace(start, namespace) : mounted(start, namespace);
    return { patch, notes: start.notes };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (volume === -1 && isOfOthers(system, error, action)) return UNSEEN;
    throw notPutTogether(error, action);
  } finally {
    // With it goes the lock of the volume.
    if (volume !== -1) system.close(volume);
    system.umask(umask);
  }
}

/** A user who is not root may not look into the volume, nor mount anything: the runtime gets its path, and says what it finds. */
function isOfOthers(system: System, { code }: SystemError, { strategy, otherwise }: MountRoot): boolean {
  return code === 'EACCES' && system.geteuid() !== 0 && strategy === 'replace' && otherwise === 'use-path';
}

const UNSEEN: MountedRoot = {
  patch: [],
  notes: [{ level: 'debug', msg: 'only root may look into the volume: the runtime gets its path' }],
};

/** A call of the kernel that nobody had reason to expect a failure of. */
function notPutTogether(cause: SystemError, { volume, root }: MountRoot): CliError {
  const { message, syscall, code: errno } = cause;
  const what = syscall === undefined ? message : `${syscall}: ${message}`;
  return new CliError(
    'ERR_ROOT_MOUNT',
    `the root on the volume ${quoted(volume)} cannot be put together: ${printable(what)}`,
    { cause, details: { path: root, errno } },
  );
}

/** A runtime that opens the root in another call sees nothing of what this one mounts. */
const LATE: NoNamespace = { impossible: 'the runtime opens the root in a later one' };

/** The runtime opens the volume by its path, as it did before Linux had the calls for anything better. */
function withoutNamespace(start: Start, { impossible, cause }: NoNamespace): JsonPatch {
  const { action, volume, notes } = start;
  const what = `the call can have no mount namespace of its own (${impossible})`;
  if (action.otherwise === 'refuse') {
    throw new CliError('ERR_ROOT_NAMESPACE', `the root has to be mounted, and ${what}`, {
      ...(cause === undefined ? {} : { cause }),
    });
  }
  notes.push({ level: 'debug', msg: `${what}: the runtime gets the path of the volume` });
  if (action.strategy === 'seed') fillVolume(start);
  lookAt(start, volume);
  return [];
}

function mounted(start: Start, namespace: OwnNamespace): JsonPatch {
  const { system, action } = start;
  const { mount, newImage } =
    action.strategy === 'overlay'
      ? overlay(start, namespace)
      : { mount: volumeItself(start), newImage: undefined };
  try {
    lookAt(start, mount);
    namespace.attach(mount);
  } finally {
    system.close(mount);
  }
  if (newImage !== undefined) recordImage(start, newImage);
  if (action.strategy === 'overlay') tellUse(start);
  return action.onceMounted;
}

function lookAt({ system, action, notes }: Start, root: number): void {
  for (const msg of checkFitness(system, root, action)) notes.push({ level: 'warn', msg });
}

/** `replace` and `seed`: the volume itself, with what is mounted beneath it, as a runtime's own bind mount has it. */
function volumeItself(start: Start): number {
  const { system, action, volume } = start;
  if (action.strategy === 'seed') fillVolume(start);
  const mount = answerOf(system.cloneTree(volume, true), action.root);
  mapIds(start, mount);
  return mount;
}

/**
 * Where the container has a user namespace, the engine has shifted the ids of the image. They are shifted back on the way to the disk: it
 * is filled through an id-mapped mount, as who root of the container is on the host (root of the host has no id there).
 */
function fillVolume(start: Start): void {
  const { system, action, volume, tell } = start;
  const image = openImage(start);
  const identity = imageIdentity(system, image, action.imageName);
  const fill = (top: number) => {
    const seed = { image, volume: top, imageIdentity: identity, bootId: bootId(system), tell };
    return actAs(system, hostOwner(action), () => seedVolume(system, seed));
  };
  try {
    const done = action.idMappings === undefined ? fill(volume) : throughMappings(start, fill);
    if (done === 'use') checkFilledFrom(start, identity);
  } finally {
    system.close(image);
  }
}

/** A volume that somebody else has filled is not compared. */
function checkFilledFrom({ system, action, volume, notes }: Start, now: ImageIdentity): void {
  const filledFrom = readSeedRecord(system, volume)?.image;
  if (filledFrom === undefined || !isOtherImage(filledFrom, now) || action.imageChange === 'keep') return;
  const what = changeOf(filledFrom, now, {
    content: `than when the volume ${quoted(action.volume)} was filled from it`,
    name: `the image that the volume ${quoted(action.volume)} was filled from`,
  });
  if (action.imageChange === 'refuse') throw imageChanged(what, action);
  notes.push({ level: 'warn', msg: `${what}: nothing of the new one is on the volume` });
}

/** Does something with the volume's top, as an id-mapped mount that is nowhere attached shows it. */
function throughMappings<T>(start: Start, use: (top: number) => T): T {
  const { system, action, volume } = start;
  const mount = answerOf(system.cloneTree(volume, false), action.root);
  try {
    mapIds(start, mount);
    // What open_tree gives is O_PATH.
    const top = answerOf(system.openat2(mount, '.', 'folder', STRICTLY), action.root);
    try {
      return use(top);
    } finally {
      system.close(top);
    }
  } finally {
    system.close(mount);
  }
}

function mapIds({ system, action }: Start, mount: number): void {
  const { idMappings, volume, root } = action;
  if (idMappings === undefined) return;
  const maps = [idMappings.uid, idMappings.gid].map(mapText);
  const namespace = system.userNamespace(maps[0] ?? '', maps[1] ?? '');
  const failure = isFailure(namespace)
    ? namespace
    : system.setMountAttributes(mount, MOUNT.idMapped, namespace);
  if (!isFailure(namespace)) system.close(namespace);
  if (failure === undefined) return;
  throw new CliError(
    'ERR_VOLUME_IDMAP',
    `the volume ${quoted(volume)} cannot be mounted with the ids of the container's user namespace: ${failure.errno}`,
    { cause: new SystemError(failure, root), details: { path: root, errno: failure.errno } },
  );
}

/** As /proc/PID/uid_map takes it. */
function mapText(mappings: readonly IdMapping[]): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');
}

/** An overlay that is nowhere attached, and the image below it where that is yet to be recorded. */
interface DetachedOverlay {
  readonly mount: number;
  readonly newImage: ImageIdentity | undefined;
}

function overlay(start: Start, namespace: OwnNamespace): DetachedOverlay {
  const { system, action, volume } = start;
  lockVolume(system, volume, action.root);
  const image = openImage(start);
  const layers = openLayers(system, volume, image, action);
  try {
    checkUse(start, layers.upper);
    const finished = takeUpReset(system, volume);
    if (finished !== undefined) start.notes.push({ level: 'warn', msg: finished });
    const identity = imageIdentity(system, image, action.imageName);
    const isRecorded = checkImage(start, identity);
    const mount =
      action.idMappings === undefined
        ? mountOverlay(system, image, layers, action)
        : idMappedOverlay(start, namespace, image);
    return { mount, newImage: isRecorded ? undefined : identity };
  } finally {
    for (const fd of [layers.upper, layers.work, image]) system.close(fd);
  }
}

/**
 * An overlay whose layers on the volume are reached through an id-mapped mount of it. Only a mount that is attached can give layers:
 * it lies where the root will lie, and is covered by it.
 */
function idMappedOverlay(start: Start, namespace: OwnNamespace, image: number): number {
  const { system, action, volume } = start;
  const top = answerOf(system.cloneTree(volume, false), action.root);
  mapIds(start, top);
  namespace.attach(top);
  // It is a peer of the volume's own mount: what is mounted on it would be mounted on the volume, on the host too.
  answerOf(system.setPropagation(action.target, MOUNT.private), action.target);
  const layers = openLayers(system, top, image, action);
  try {
    return mountOverlay(system, image, layers, action);
  } finally {
    for (const fd of [layers.upper, layers.work, top]) system.close(fd);
  }
}

function openImage({ system, action }: Start): number {
  const { image = '' } = action;
  return answerOf(system.open(image, OPEN.directory), image);
}

function checkUse(start: Start, upper: number): void {
  const { system, action, volume } = start;
  const { volume: name, root } = action;
  const record = readUse(system, volume);
  const by =
    record === undefined
      ? 'another container'
      : `the container ${quoted(record.container)} (${quoted(record.user)})`;
  const isInUse = staysInUse(system, upper);
  if (isFailure(isInUse)) {
    const { errno, syscall = 'a system call' } = isInUse;
    throw new CliError(
      'ERR_ROOT_MOUNT',
      `the kernel cannot be asked whether another container uses the upper of the volume ${quoted(name)}: ${syscall}: ${errno}`,
      { cause: new SystemError(isInUse, root), details: { path: root, errno } },
    );
  }
  if (isInUse) {
    throw new CliError('ERR_VOLUME_IN_USE', `the upper of the volume ${quoted(name)} is in use by ${by}`, {
      details: {
        path: root,
        ...(record === undefined ? {} : { container: record.container, user: record.user }),
      },
    });
  }
  refuseLeased(system, volume, { name, path: root });
}

/** The record is for messages: that it cannot be written stops no container, except where it is a lease. */
function tellUse(start: Start): void {
  const { system, action, volume, container, notes } = start;
  const { user } = action;
  const since = new Date(system.now()).toISOString();
  const record = {
    version: 1,
    container,
    user,
    node: nodeName(system),
    bootId: bootId(system),
    since,
    strategy: 'overlay',
  };
  try {
    writeRecord(system, volume, 'use.json', record);
  } catch (error) {
    if (!isOfOneNode(system, volume)) throw error;
    notes.push({
      level: 'warn',
      msg: `who uses the volume cannot be written to it: ${(error as Error).message}`,
    });
  }
}

/** What another image is called in a message: another name, or other content under the same one. */
function changeOf(
  before: ImageIdentity,
  now: ImageIdentity,
  says: { readonly content: string; readonly name: string },
): string {
  const [was, is] = [before, now].map(({ name, fingerprint }) => quoted(name ?? fingerprint));
  return was === is
    ? `the image ${is} has other content ${says.content}`
    : `${says.name} was ${was} and is ${is}`;
}

function imageChanged(what: string, { root }: MountRoot): CliError {
  return new CliError('ERR_IMAGE_CHANGED', what, { details: { path: root } });
}

/** @returns whether the record on the volume is of this image */
function checkImage({ system, action, volume, notes }: Start, now: ImageIdentity): boolean {
  const before = readImage(system, volume);
  const isOther = before !== undefined && isOtherImage(before, now);
  if (isOther && action.imageChange !== 'keep') {
    const what = changeOf(before, now, {
      content: `than when the volume ${quoted(action.volume)} was first used with it`,
      name: `the image below the volume ${quoted(action.volume)}`,
    });
    if (action.imageChange === 'refuse') throw imageChanged(what, action);
    notes.push({
      level: 'warn',
      msg: `${what}: what the volume has of its own hides newer files of the image`,
    });
  }
  return before !== undefined && !isOther;
}

/** Once the root is mounted: a start that fails before must not take the warning away from the next one. */
function recordImage({ system, volume, notes }: Start, image: ImageIdentity): void {
  try {
    writeRecord(system, volume, 'image.json', { version: 1, ...image }, { flush: true });
  } catch (error) {
    notes.push({
      level: 'warn',
      msg: `the image cannot be recorded on the volume: ${(error as Error).message}`,
    });
  }
}
