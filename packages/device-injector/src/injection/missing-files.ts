import type { CdiMount } from '../cdi/cdi-spec.js';
import { goQuote } from '../cdi/go-quote.js';
import type { DeviceHost } from '../device-host.js';

/** Paths that the warning repeats. */
const LISTED = 5;

/**
 * The warning where files that are to be mounted are gone, as after an upgrade of the driver. The runtime would say so
 * too, but not why; upstream injects all the same.
 */
export function missingFiles(mounts: readonly CdiMount[], host: DeviceHost): readonly string[] {
  const paths = new Set(mounts.filter(isBind).map(({ hostPath }) => hostPath));
  const missing = [...paths].filter((path) => path.startsWith('/') && isGone(path, host));
  if (missing.length === 0) return [];
  const shown = missing.slice(0, LISTED).map(goQuote).join(', ');
  const more = missing.length > LISTED ? ` and ${missing.length - LISTED} more` : '';
  return [`driver files missing: regenerate the CDI spec (${shown}${more})`];
}

/** NVIDIA's specs leave the type out, which runtimes take for a bind mount where `bind` or `rbind` is an option. */
function isBind({ type = '', options = [] }: CdiMount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind') || type === '';
}

function isGone(path: string, host: DeviceHost): boolean {
  try {
    return host.realpath(path) === undefined;
  } catch {
    // A loop of symlinks, say: it is for the runtime to mount it or to say why not; this only looks for a cause.
    return true;
  }
}
