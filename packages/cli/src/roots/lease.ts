import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { readFile } from '../system/read-file.js';
import { answerOf, type System } from '../system/system.js';
import { wordOf } from '../system/text.js';
import { inFolder } from './volume-folder.js';
import { readUse } from './volume-record.js';

// Between nodes no kernel can say who uses an upper: there the record on the volume is a lease.

/** File systems, by their magic numbers, that one machine at a time has mounted: its kernel knows of every use. */
const OF_ONE_NODE: ReadonlySet<bigint> = new Set([
  0xef53n, // ext2, ext3, ext4
  0x5846_5342n, // XFS
  0x9123_683en, // Btrfs
  0x0102_1994n, // tmpfs
  0xf2f5_2010n, // F2FS
  0x2fc1_2fc1n, // ZFS
  0xca45_1a4en, // bcachefs
]);

/**
 * Whether no other node can have the volume mounted.
 *
 * @param volume - the volume's top, open
 * @throws SystemError
 */
export function isOfOneNode(system: System, volume: number): boolean {
  return OF_ONE_NODE.has(answerOf(system.statfs(inFolder(volume, '.'))).type);
}

/** The name of this node. */
export function nodeName(system: System): string {
  return lineOf(system, '/proc/sys/kernel/hostname');
}

/** Another one means that the machine was started anew. */
export function bootId(system: System): string {
  return lineOf(system, '/proc/sys/kernel/random/boot_id');
}

function lineOf(system: System, path: string): string {
  return wordOf(answerOf(readFile(system, path), path)).trim();
}

/**
 * Refuses a volume that a container of another node may use.
 *
 * @param volume - the volume's top, open
 * @param said - what the volume is called in messages, and its path
 * @throws CliError `ERR_VOLUME_LEASED`
 * @throws SystemError
 */
export function refuseLeased(
  system: System,
  volume: number,
  said: { readonly name: string; readonly path: string },
): void {
  const use = readUse(system, volume);
  if (use === undefined || isOfOneNode(system, volume) || use.node === nodeName(system)) return;
  const { node, container, user, since } = use;
  throw new CliError(
    'ERR_VOLUME_LEASED',
    `the upper of the volume ${quoted(said.name)} is leased by the node ${quoted(node)}, for the container ${quoted(container)} (${quoted(user)}), since ${quoted(since)}`,
    { details: { path: said.path, node, container, user } },
  );
}
