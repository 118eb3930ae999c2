import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import type { VolumeResidue } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { replaceFile } from '../system/replace-file.js';
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
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkOwner(lstatSync(folder), folder);
}

/**
 * Reads a record.
 *
 * @returns undefined where there is none
 * @throws Error for one that is not to be believed
 */
export function readRecord(path: string): ResidueRecord | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error(`${quoted(path)} is not a regular file`);
    checkOwner(stat, path);
    const { format, ...record } = JSON.parse(readFileSync(descriptor, 'utf8'));
    if (format !== FORMAT || !isRecord(record)) throw new Error(`${quoted(path)} is no record`);
    return record;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a record whole or not at all; one that says nothing is removed. */
export function writeRecord(path: string, record: ResidueRecord): void {
  if (record.mountPoints.length === 0 && record.links.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  replaceFile(path, JSON.stringify({ format: FORMAT, ...record }), { flush: true });
}

/**
 * Where the record of a volume is kept: its name, which is that of the PersistentVolume, and the inode of its root. A
 * volume that was formatted anew, or another subPath of the same one, is another volume. Of a long name its end counts: the
 * folders of hostPath provisioners have namespace and claim there.
 */
export function recordPath(folder: string, volume: string, ino: bigint): string {
  return join(folder, `${encodeURIComponent(volume).slice(-LONGEST_NAME)}-${ino}.json`);
}

function checkOwner({ uid, mode }: Stats, path: string): void {
  if (uid !== process.geteuid?.() || (mode & 0o077) !== 0) {
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
