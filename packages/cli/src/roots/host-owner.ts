import type { IdMapping, MountRoot } from '@opencontainers-ts/rootfs-rewriter';

import { answerOf, type System } from '../system/system.js';

/** Who root of the container is on the host. */
export interface HostOwner {
  readonly uid: number;
  readonly gid: number;
}

const ROOT: HostOwner = { uid: 0, gid: 0 };

/** The host's ids of the container's root: root itself without a user namespace, and where root is not mapped. */
export function hostOwner({ idMappings }: Pick<MountRoot, 'idMappings'>): HostOwner {
  if (idMappings === undefined) return ROOT;
  const idOf = (mappings: readonly IdMapping[]) =>
    mappings.find(({ containerID }) => containerID === 0)?.hostID ?? 0;
  return { uid: idOf(idMappings.uid), gid: idOf(idMappings.gid) };
}

/**
 * Does something with files as that owner, with root's capabilities: through an id-mapped mount only an id that is mapped can make a
 * file (EOVERFLOW), and root of the host is none.
 *
 * @throws SystemError
 */
export function actAs<T>(system: System, { uid, gid }: HostOwner, act: () => T): T {
  if (uid === 0 && gid === 0) return act();
  answerOf(system.setFileSystemIds(uid, gid));
  try {
    return act();
  } finally {
    answerOf(system.setFileSystemIds(0, 0));
  }
}
