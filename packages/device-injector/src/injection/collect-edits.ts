import type { CdiDevice, CdiSpecFile } from '../cdi/registry/registry.js';
import { type ContainerEdits, mergeEdits } from '../edits/container-edits.js';

/**
 * The edits of devices in the order of the request; those of a spec file once, before its first device
 * (InjectDevices in pkg/cdi/cache.go of the CDI library). They are applied as one, so that a container sees no half of
 * a device.
 */
export function collectEdits(devices: readonly CdiDevice[]): ContainerEdits {
  const seen = new Set<CdiSpecFile>();
  const parts: ContainerEdits[] = [];
  for (const { device, file } of devices) {
    if (!seen.has(file)) {
      seen.add(file);
      parts.push(file.spec.containerEdits ?? {});
    }
    parts.push(device.containerEdits);
  }
  return mergeEdits(parts);
}
