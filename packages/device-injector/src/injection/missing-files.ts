import type { CdiDevice, CdiSpecFile } from '../cdi/registry/registry.js';
import type { DeviceHost } from '../device-host.js';
import type { CdiMount } from '../edits/mounts.js';
import { goQuote } from '../go-quote.js';

/** Paths that a warning repeats. */
const LISTED = 5;

/**
 * The warnings about spec files that mount what is gone, as after an upgrade of the driver. The runtime would fail too,
 * but not say why; upstream injects all the same.
 */
export function missingFiles(devices: readonly CdiDevice[], host: DeviceHost): readonly string[] {
  const mounts = new Map<CdiSpecFile, CdiMount[]>();
  for (const { device, file } of devices) {
    const known = mounts.get(file) ?? [...(file.spec.containerEdits?.mounts ?? [])];
    known.push(...(device.containerEdits.mounts ?? []));
    mounts.set(file, known);
  }
  return [...mounts].flatMap(([{ path }, ofFile]) => warningOf(path, ofFile, host));
}

function warningOf(file: string, mounts: readonly CdiMount[], host: DeviceHost): readonly string[] {
  const paths = new Set(mounts.filter(isBind).map(({ hostPath }) => hostPath));
  const gone = [...paths].filter((path) => path.startsWith('/') && isGone(path, host));
  if (gone.length === 0) return [];
  const shown = gone.slice(0, LISTED).map(goQuote).join(', ');
  const more = gone.length > LISTED ? ` and ${gone.length - LISTED} more` : '';
  return [`driver files missing: regenerate the CDI spec ${goQuote(file)}, which mounts ${shown}${more}`];
}

/** NVIDIA's specs leave the type out and say `rbind`; a mount of a file system has a type, and a source of any form. */
function isBind({ type = '', options = [] }: CdiMount): boolean {
  return type === '' || type === 'bind' || options.includes('bind') || options.includes('rbind');
}

function isGone(path: string, host: DeviceHost): boolean {
  try {
    return host.realpath(path) === undefined;
  } catch {
    // A loop of symlinks, say: it is for the runtime to mount it or to say why not; this only looks for a cause.
    return true;
  }
}
