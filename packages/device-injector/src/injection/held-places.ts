import { tidyPath } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { formatPointer } from '@opencontainers-ts/runtime-spec';

import type { CollectedEdits } from './collect-edits.js';
import { variableName } from './edit-process.js';

/** The places that edits decide about, also those where the spec has what they want: see `Rewrite.holds`. */
export function heldPlaces(edits: CollectedEdits): readonly string[] {
  const places = [
    ...edits.env.map((variable) => ['process', 'env', variableName(variable)]),
    ...edits.deviceNodes.map(({ path }) => ['linux', 'devices', tidyPath(path)]),
    ...edits.netDevices.map(({ hostInterfaceName }) => ['linux', 'netDevices', hostInterfaceName]),
    ...edits.mounts.map(({ containerPath }) => ['mounts', tidyPath(containerPath)]),
    ...edits.additionalGids.map((gid) => ['process', 'user', 'additionalGids', String(gid)]),
    ...(edits.intelRdt === undefined ? [] : [['linux', 'intelRdt']]),
  ];
  return [...new Set(places.map(formatPointer))];
}
