import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import { lockVolume } from '../../roots/one-container.js';
import { readRecord, readUse, removeRecord } from '../../roots/volume-record.js';
import type { CommandOutput } from '../output.js';
import { toldLog } from '../told-log.js';
import { type VolumeWorld, withVolume } from './opened-volume.js';
import { refuseInUse } from './volume-use.js';

/** Takes away the record of who uses an upper: the lease of a node that will not release it any more. */
export function volumeUnlock({ path }: { readonly path: string }, world: VolumeWorld): CommandOutput {
  const { system } = world;
  return withVolume(path, world, (volume) => {
    lockVolume(system, volume.top, volume.path);
    refuseInUse(system, volume);
    const use = readUse(system, volume.top);
    // What cannot be read is gone afterwards, too.
    const isThere = use !== undefined || isRecord(() => readRecord(system, volume.top, 'use.json'));
    if (!isThere) return { status: 0, stdout: `${quoted(volume.path)} has no lease\n` };
    removeRecord(system, volume.top, 'use.json');
    const whose =
      use === undefined
        ? 'a record that could not be read'
        : `the lease of the node ${use.node}, for ${use.user} (container ${use.container}), since ${use.since}`;
    const message = `removed from ${quoted(volume.path)}: ${printable(whose)}`;
    const { log, warning } = toldLog(world.log({ verbose: false }), world.settings.log.file);
    log('info', message, { verb: 'volume unlock' });
    return { status: 0, stdout: `${message}\n`, stderr: warning() };
  });
}

/** A record that cannot be read is one. */
function isRecord(read: () => unknown): boolean {
  try {
    return read() !== undefined;
  } catch {
    return true;
  }
}
