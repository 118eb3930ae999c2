import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import { isVolumeInUse } from '../../host-actions/volume-in-use.js';
import { nodeName } from '../../roots/lease.js';
import { isUpperInUse } from '../../roots/one-container.js';
import { seedRecordOf } from '../../roots/seed-record.js';
import { readReset } from '../../roots/upper-reset.js';
import { walkTree } from '../../roots/upper-tree.js';
import { inFolder } from '../../roots/volume-folder.js';
import {
  type ImageIdentity,
  readImage,
  readRecord,
  readUse,
  type UseRecord,
} from '../../roots/volume-record.js';
import type { FileSystemStatus } from '../../system/mount-calls.js';
import { answerOf, isFailure, type System } from '../../system/system.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import {
  type OpenedVolume,
  type VolumeLayout,
  type VolumeWorld,
  withUpper,
  withVolume,
} from './opened-volume.js';

/** Entries that are counted where nobody asks for all: a second's work. */
const MOST_COUNTED = 100_000;

interface StatusOptions {
  readonly path: string;
  readonly json: boolean;
  /** Count all entries, however many there are. */
  readonly size: boolean;
}

/** What there is to say of a volume. Null: there is none of it, or nobody can say. */
interface VolumeStatus {
  readonly path: string;
  readonly strategy: Exclude<VolumeLayout, 'empty'> | null;
  readonly image: ImageIdentity | null;
  /** Whether a container of this node uses it now, as the kernel says. */
  readonly inUse: boolean | null;
  /** Who used it last, or uses it. */
  readonly use: UseRecord | null;
  /** Whether that was another node. */
  readonly isOtherNode: boolean;
  /** The record of a seeded volume, as it is. */
  readonly seed: unknown;
  /** Whether a reset was begun and has not come to its end. */
  readonly resetPending: boolean;
  readonly used: Size;
  readonly fileSystem: Pick<FileSystemStatus, 'inodes' | 'freeInodes'> & {
    readonly bytes: bigint;
    readonly freeBytes: bigint;
  };
}

/** Of the files of a tree. */
interface Size {
  readonly bytes: bigint;
  readonly entries: number;
  /** Whether there is nothing that was not counted. */
  readonly isAll: boolean;
}

/** Says what a volume is used for, by whom, and how full it is. */
export function volumeStatus({ path, json, size }: StatusOptions, world: VolumeWorld): CommandOutput {
  const { system } = world;
  const status = withVolume(path, world, (volume) => statusOf(system, volume, size));
  return { status: 0, stdout: json ? jsonOutput(status) : statusText(status) };
}

function statusOf(system: System, volume: OpenedVolume, size: boolean): VolumeStatus {
  const { path, top, layout } = volume;
  const most = size ? Number.POSITIVE_INFINITY : MOST_COUNTED;
  const use = readUse(system, top) ?? null;
  const { blockSize, blocks, freeBlocks, inodes, freeInodes } = answerOf(
    system.statfs(inFolder(top, '.')),
    path,
  );
  return {
    path,
    strategy: layout === 'empty' ? null : layout,
    image: readImage(system, top) ?? null,
    inUse: inUseNow(system, volume),
    use,
    isOtherNode: use !== null && use.node !== nodeName(system),
    seed: readRecord(system, top, 'seed.json') ?? null,
    resetPending: readReset(system, top) !== undefined,
    used:
      layout === 'overlay'
        ? withUpper(system, volume, (upper) => sizeOf(system, upper, most))
        : sizeOf(system, top, most),
    fileSystem: { bytes: blocks * blockSize, freeBytes: freeBlocks * blockSize, inodes, freeInodes },
  };
}

/** Null where this process may not ask. */
function inUseNow(system: System, volume: OpenedVolume): boolean | null {
  const { path, top, layout } = volume;
  if (layout === 'overlay') {
    const answer = withUpper(system, volume, (upper) => isUpperInUse(system, upper)) ?? null;
    return isFailure(answer) ? null : answer;
  }
  const { dev, ino } = answerOf(system.fstat(top), path);
  try {
    return isVolumeInUse(system, { path, dev, ino }, '/proc', ['/', ROOT_FOLDER]);
  } catch {
    return null;
  }
}

function sizeOf(system: System, folder: number, most: number): Size {
  let entries = 0;
  let bytes = 0n;
  let isAll = true;
  const tellTooDeep = () => {
    isAll = false;
  };
  for (const { status } of walkTree(system, folder, { tellTooDeep })) {
    if (entries >= most) return { bytes, entries, isAll: false };
    entries += 1;
    // Each name of a file has its share.
    if (status.type === 'file') bytes += status.size / BigInt(Math.max(1, status.nlink));
  }
  return { bytes, entries, isAll };
}

const STRATEGIES: Readonly<Record<VolumeLayout, string>> = {
  overlay: 'overlay: the image below, the folder "upper" above it',
  seed: 'seed: the volume is the root, filled from an image',
  replace: 'replace: whatever is there is the root',
  empty: 'none yet: the volume is empty',
};

function statusText(status: VolumeStatus): string {
  const { path, strategy, image, use, isOtherNode, seed, resetPending, used, fileSystem } = status;
  const rows: readonly (readonly [string, string] | undefined)[] = [
    ['strategy', STRATEGIES[strategy ?? 'empty']],
    image === null ? undefined : ['image', imageText(image)],
    ...(seed === null ? [] : seedRows(seed)),
    ['in use', inUseText(status)],
    use === null ? undefined : ['recorded', useText(use, isOtherNode)],
    resetPending
      ? ['reset', 'begun, and not at its end: the next start or `ociwrap volume reset` goes on']
      : undefined,
    ['used', `${used.isAll ? '' : 'at least '}${bytesText(used.bytes)} in ${used.entries} entries`],
    [
      'free',
      `${bytesText(fileSystem.freeBytes)} of ${bytesText(fileSystem.bytes)}, ${fileSystem.freeInodes} of ${fileSystem.inodes} inodes`,
    ],
  ];
  const lines = rows.flatMap((row) =>
    row === undefined ? [] : `  ${row[0].padEnd(8)}  ${printable(row[1])}\n`,
  );
  return `${quoted(path)}\n${lines.join('')}`;
}

function imageText({ name, fingerprint }: ImageIdentity): string {
  return `${name ?? 'without a name'} (${fingerprint})`;
}

/** A record that is none of ours is shown as it is: a container may have written it. */
function seedRows(seed: unknown): readonly (readonly [string, string])[] {
  const record = seedRecordOf(seed);
  if (record === undefined) return [['seed', JSON.stringify(seed)]];
  return [
    ['image', imageText(record.image)],
    [
      'filled',
      record.state === 'filled' ? 'yes' : 'not to its end: the next start or `ociwrap volume seed` goes on',
    ],
  ];
}

function inUseText({ inUse }: VolumeStatus): string {
  if (inUse === null) return 'not known: this process may not ask the kernel';
  return inUse ? 'yes, on this node' : 'no, on this node';
}

function useText({ user, container, node, since }: UseRecord, isOtherNode: boolean): string {
  const where = isOtherNode ? `the other node ${node}` : node;
  return `${user} (container ${container}) on ${where} since ${since}`;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** With one digit behind the point, as `ls -h` has it. */
export function bytesText(bytes: bigint): string {
  if (bytes < 1024n) return `${bytes} bytes`;
  let value = Number(bytes);
  let unit = -1;
  do {
    value /= 1024;
    unit += 1;
  } while (value >= 1023.95 && unit < UNITS.length - 1);
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}
