import { type JsonObject, withValue } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiIntelRdt } from '../cdi/cdi-spec.js';
import type { DeviceHost } from '../device-host.js';
import type { CollectedEdits } from './collect-edits.js';
import { editDevices, editNetDevices } from './edit-devices.js';
import { editHooks } from './edit-hooks.js';
import { editMounts } from './edit-mounts.js';
import { editEnv, editGids } from './edit-process.js';

/**
 * The spec with all edits, in upstream's order; applied to its own result it changes nothing.
 *
 * @throws DeviceError `ERR_CDI_DEVICE_NODE`: then nothing is applied
 */
export function applyEdits(spec: JsonObject, edits: CollectedEdits, host: DeviceHost): JsonObject {
  const steps: readonly ((before: JsonObject) => JsonObject)[] = [
    (before) => editEnv(before, edits.env),
    (before) => editDevices(before, edits.deviceNodes, host),
    (before) => editNetDevices(before, edits.netDevices),
    (before) => editMounts(before, edits.mounts),
    (before) => editHooks(before, edits.hooks),
    (before) => (edits.intelRdt === undefined ? before : setIntelRdt(before, edits.intelRdt)),
    (before) => editGids(before, edits.additionalGids),
  ];
  return steps.reduce((before, step) => step(before), spec);
}

/** The whole object is replaced; what Go's `omitempty` would leave out is left out. */
function setIntelRdt(spec: JsonObject, intelRdt: CdiIntelRdt): JsonObject {
  const isSaid = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== '' && value !== false && value !== undefined;
  return withValue(
    spec,
    ['linux', 'intelRdt'],
    Object.fromEntries(Object.entries(intelRdt).filter(([, value]) => isSaid(value))),
  );
}
