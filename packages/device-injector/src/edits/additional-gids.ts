import { listAt, withList } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { UINT32 } from '../cdi/shape.js';
import { type EditKind, LIST_EDIT } from './edit-kind.js';

const GIDS = ['process', 'user', 'additionalGids'];

/** Supplementary groups of the process. Group 0 is never added: upstream takes it for "none". */
export const additionalGids: EditKind<readonly number[]> = {
  ...LIST_EDIT,
  shape: { is: 'list', of: UINT32, goType: '[]uint32' },
  minimumVersion: (gids) => (gids.length > 0 ? '0.7.0' : undefined),
  reads: [['process', 'user']],
  holds: (gids) => gids.map((gid) => [...GIDS, String(gid)]),
  apply: (spec, gids) => {
    const present = listAt(spec, GIDS);
    const known = new Set(present.map(String));
    const added = [...new Set(gids)].filter((gid) => gid !== 0 && !known.has(String(gid)));
    return added.length === 0 ? spec : withList(spec, GIDS, [...present, ...added]);
  },
};
