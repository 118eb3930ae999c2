import type { VolumeResidue } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { makeFolders } from '../system/make-folders.js';
import { join } from '../system/paths.js';
import { readAll } from '../system/read-file.js';
import { removeFile } from '../system/remove-file.js';
import { replaceFile } from '../system/replace-file.js';
import { answerOf, type FileStatus, isFailure, OPEN, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import type { ProcessId } from './process-id.js';

/** Of this node, and root's alone: whoever may write it chooses what is removed from volumes. */
export const RESIDUE_FOLDER = '/var/lib/ociwrap/residue';

/** What injections have left on a volume, and which starts of containers on it may still be under way. */
export interface ResidueRecord extends VolumeResidue {
  readonly starts: readonly ProcessId[];
}

export const NO_RESIDUE: ResidueRecord = { mountPoints: [], links: [], starts: [] };

const FORMAT = 1;

/** With an inode of 64 bits, `.json`, and `.lock`: less than NAME_MAX, 255. */
const LONGEST_NAME = 200;

/**
 * Makes the folder of the records if need be.
 *
 * @throws Error when it is not root's alone
 */
export function prepareFolder(system: System, folder: string): void {
  makeFolders(system, folder, 0o700);
  checkOwner(system, answerOf(system.lstat(folder), folder), folder);
}

/**
 * Reads a record.
 *
 * @returns undefined where there is none
 * @throws Error for one that is not to be believed
 */
export function readRecord(system: System, path: string): ResidueRecord | undefined {
  const opened = system.open(path, OPEN.read + OPEN.noFollow + OPEN.nonBlocking);
  if (isFailure(opened) && opened.errno === 'ENOENT') return undefined;
  const descriptor = answerOf(opened, path);
  try {
    const status = answerOf(system.fstat(descriptor), path);
    if (status.type !== 'file') throw new Error(`${quoted(path)} is not a regular file`);
    checkOwner(system, status, path);
    const { format, ...record } = JSON.parse(textOf(answerOf(readAll(system, descriptor), path)));
    if (format !== FORMAT || !isRecord(record)) throw new Error(`${quoted(path)} is not a record`);
    return record;
  } finally {
    system.close(descriptor);
  }
}

/** Writes a record whole or not at all; one that says nothing is removed. */
export function writeRecord(system: System, path: string, record: ResidueRecord): void {
  if (record.mountPoints.length === 0 && record.links.length === 0) {
    removeFile(system, path);
    return;
  }
  replaceFile(system, path, JSON.stringify({ format: FORMAT, ...record }), { flush: true });
}

/**
 * Where the record of a volume is kept: its name, which is that of the PersistentVolume, and the inode of its root. A
 * volume that was formatted anew, or another subPath of the same one, is another volume. Of a long name its end counts: the
 * folders of hostPath provisioners have namespace and claim there.
 */
export function recordPath(folder: string, volume: string, ino: bigint): string {
  return join(folder, `${encodeURIComponent(volume).slice(-LONGEST_NAME)}-${ino}.json`);
}

function checkOwner(system: System, { uid, mode }: FileStatus, path: string): void {
  if (uid !== system.geteuid() || (mode & 0o077) !== 0) {
    throw new Error(
      `${quoted(path)} does not belong to root alone (mode 0700 for the folder, 0600 for files)`,
    );
  }
}

function isRecord(value: unknown): value is ResidueRecord {
  const { mountPoints, links, starts } = value as Record<string, unknown>;
  const isText = (text: unknown) => typeof text === 'string';
  const isList = (list: unknown, isMember: (member: never) => boolean) =>
    Array.isArray(list) &&
    list.every((member) => typeof member !== 'object' || member !== null) &&
    list.every(isMember as never);
  return (
    isList(mountPoints, isText) &&
    isList(links, ({ path, target }: Record<string, unknown>) => isText(path) && isText(target)) &&
    isList(
      starts,
      ({ pid, startTime }: Record<string, unknown>) => Number.isInteger(pid) && isText(startTime),
    )
  );
}
