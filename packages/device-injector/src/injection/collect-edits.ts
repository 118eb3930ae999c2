import type { CdiIntelRdt, ContainerEdits } from '../cdi/cdi-spec.js';
import type { CdiDevice, CdiSpecFile } from '../cdi/registry.js';

/** The edits of several devices as one, every list there. */
export type CollectedEdits = Required<Omit<ContainerEdits, 'intelRdt'>> & {
  readonly intelRdt?: CdiIntelRdt;
};

/**
 * The edits of devices in the order of the request; those of a spec file once, before its first device
 * (InjectDevices in pkg/cdi/cache.go of the CDI library). They are applied as one, so that a container sees no half of
 * a device.
 */
export function collectEdits(devices: readonly CdiDevice[]): CollectedEdits {
  const seen = new Set<CdiSpecFile>();
  const parts: ContainerEdits[] = [];
  for (const { device, file } of devices) {
    if (!seen.has(file)) {
      seen.add(file);
      parts.push(file.spec.containerEdits ?? {});
    }
    parts.push(device.containerEdits);
  }
  const intelRdt = parts.findLast((part) => part.intelRdt !== undefined)?.intelRdt;
  return {
    env: parts.flatMap((part) => part.env ?? []),
    deviceNodes: parts.flatMap((part) => part.deviceNodes ?? []),
    netDevices: parts.flatMap((part) => part.netDevices ?? []),
    mounts: parts.flatMap((part) => part.mounts ?? []),
    hooks: parts.flatMap((part) => part.hooks ?? []),
    additionalGids: parts.flatMap((part) => part.additionalGids ?? []),
    ...(intelRdt === undefined ? {} : { intelRdt }),
  };
}
