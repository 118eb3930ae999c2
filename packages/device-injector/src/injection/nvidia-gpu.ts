import type { CdiDevice } from '../cdi/registry/registry.js';
import type { ContainerEdits } from '../edits/container-edits.js';

/** `nvidia-ctk cdi generate` has `gpu` unless `--class` says otherwise; resources of MIG are called `mig-1g.5gb` and the like. */
const GPU_CLASS = /^(?:gpu|mig(?:-.+)?)$/;

/** The node of one GPU, which no other device of NVIDIA's brings: not IMEX, GDS, NVSwitch, PVA or what Mellanox makes. */
const GPU_NODE = /^\/dev\/nvidia[0-9]+$/;

/**
 * Whether a device is a GPU of NVIDIA's: what their hook and their runtime give a container for NVIDIA_VISIBLE_DEVICES. The
 * vendor alone does not say so: `nvidia.com/pva`, `/mofed` and `/imex-channel` come beside a GPU, not in the place of it.
 *
 * @param defined - what is known of it, where a spec defines it
 */
export function isNvidiaGpu(name: string, defined: CdiDevice | undefined): boolean {
  const slash = name.indexOf('/');
  const vendor = name.slice(0, slash);
  if (vendor !== 'nvidia.com' && !vendor.endsWith('.nvidia.com')) return false;
  if (GPU_CLASS.test(kindOf(name).slice(slash + 1))) return true;
  return defined !== undefined && [defined.device, defined.file.spec].some(bringsGpuNode);
}

/** `vendor/class` of a qualified name. */
export function kindOf(name: string): string {
  return name.slice(0, name.indexOf('='));
}

function bringsGpuNode({ containerEdits }: { readonly containerEdits?: ContainerEdits }): boolean {
  return (containerEdits?.deviceNodes ?? []).some(({ path }) => GPU_NODE.test(path));
}
