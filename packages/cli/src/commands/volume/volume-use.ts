import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../../cli-error.js';
import { isVolumeInUse } from '../../host-actions/volume-in-use.js';
import { staysInUse } from '../../roots/one-container.js';
import { openBelow } from '../../roots/volume-folder.js';
import { readUse, type UseRecord } from '../../roots/volume-record.js';
import { answerOf, isFailure, type System } from '../../system/system.js';
import { missingCall, type OpenedVolume } from './opened-volume.js';

/**
 * Refuses what must not be done to a volume while a container of this node uses it. The caller holds the lock of the volume, so that
 * none starts on it meanwhile.
 *
 * @throws CliError `ERR_VOLUME_IN_USE`; `ERR_SYSTEM_CALL` where nobody can say
 */
export function refuseInUse(system: System, volume: OpenedVolume): void {
  const { path, top, layout } = volume;
  const isInUse = layout === 'overlay' ? isAnyLayerInUse(system, top) : isRootInUse(system, volume);
  if (!isInUse) return;
  const use = readUse(system, top);
  throw new CliError('ERR_VOLUME_IN_USE', `${quoted(path)} is in use on this node${byWhom(use)}`, {
    details: { path, ...(use === undefined ? {} : { container: use.container, user: use.user }) },
    hint: 'end the container first: scale its workload down, or delete the pod',
  });
}

function byWhom(use: UseRecord | undefined): string {
  return use === undefined
    ? ''
    : `, by the container ${quoted(use.container)} (${quoted(use.user)}) as its record says`;
}

function isAnyLayerInUse(system: System, top: number): boolean {
  return ['upper', 'work'].some((name) => {
    const folder = openBelow(system, top, name);
    if (folder === undefined) return false;
    try {
      const answer = staysInUse(system, folder);
      if (isFailure(answer)) throw missingCall(answer.syscall ?? 'fsopen', answer.errno);
      return answer;
    } finally {
      system.close(folder);
    }
  });
}

function isRootInUse(system: System, { path, top }: OpenedVolume): boolean {
  const { dev, ino } = answerOf(system.fstat(top), path);
  return isVolumeInUse(system, { path, dev, ino }, '/proc', ['/', ROOT_FOLDER]);
}
