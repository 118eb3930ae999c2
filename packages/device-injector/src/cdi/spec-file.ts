import type { DeviceHost } from '../device-host.js';
import { errnoOf } from '../errno.js';
import { goQuote } from '../go-quote.js';
import type { OpenedSpec, OpenSpec } from './open-spec.js';
import type { CdiProblem } from './registry/registry.js';
import type { TrustedPaths } from './registry/trusted-spec-path.js';

/** A hundred times the spec of a node full of GPUs; what is longer is no spec, and would stop the node to parse. */
const MOST_SPEC_BYTES = 4 * 1024 * 1024;

/**
 * Opens and checks one spec. What would block (a FIFO) or has no end (a device) is never opened.
 *
 * @param path - absolute and clean
 */
export function openSpecFile(
  host: DeviceHost,
  path: string,
  trusted: TrustedPaths,
  open: OpenSpec,
): OpenedSpec | CdiProblem {
  const failed = (why: string): CdiProblem => ({
    path,
    message: `failed to load CDI Spec failed to read CDI Spec ${goQuote(path)}: ${why}`,
  });
  try {
    const refusal = kindFault(host, path) ?? trusted.faultOf(path);
    if (refusal !== undefined) return failed(refusal);
    const bytes = host.readFile(path);
    if (bytes === undefined) return failed('it has just gone');
    const refusedSize = sizeFault(bytes.length);
    return refusedSize === undefined ? open(path, bytes) : failed(refusedSize);
  } catch (error) {
    return failed(errnoOf(error));
  }
}

function kindFault(host: DeviceHost, path: string): string | undefined {
  const real = host.realpath(path);
  const entry = real === undefined ? undefined : host.lstat(real);
  if (entry === undefined) return 'it is a symlink that leads nowhere';
  if (entry.type !== 'file') return `it is a ${entry.type === 'other' ? 'socket' : entry.type}, not a file`;
  return sizeFault(entry.size ?? 0);
}

function sizeFault(size: number): string | undefined {
  return size > MOST_SPEC_BYTES
    ? `it has ${size} bytes, more than the ${MOST_SPEC_BYTES} that a spec may have`
    : undefined;
}
