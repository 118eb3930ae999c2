import { type OwnedEntry, trustedPath } from '@opencontainers-ts/rootfs-rewriter';

import { isFailure, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';

/** A path that only root may be able to change, and whether it is so. */
export interface OwnedPath {
  readonly path: string;
  /** What it is, in words: `the program`. */
  readonly what: string;
  readonly found:
    | 'sound'
    | 'missing'
    | { readonly untrusted: string; readonly why: string }
    | { readonly unreadable: string };
}

/** Looks at owner and mode of paths, and of all folders above them, whatever links lead there. */
export function ownershipFacts(
  system: System,
  paths: readonly { readonly path: string; readonly what: string }[],
): readonly OwnedPath[] {
  return paths.map(({ path, what }) => ({ path, what, found: lookAt(system, path) }));
}

function lookAt(system: System, path: string): OwnedPath['found'] {
  let unreadable: string | undefined;
  const found = trustedPath(path, (step): OwnedEntry | undefined => {
    const status = system.lstat(step);
    if (isFailure(status)) {
      if (status.errno !== 'ENOENT' && status.errno !== 'ENOTDIR') unreadable = status.errno;
      return undefined;
    }
    const { type, uid, mode } = status;
    if (type !== 'symlink') return { type, uid, mode };
    const target = system.readlink(step);
    if (isFailure(target)) unreadable = target.errno;
    return { type, uid, mode, target: isFailure(target) ? '' : textOf(target) };
  });
  if (unreadable !== undefined) return { unreadable };
  if ('untrusted' in found) return { untrusted: found.untrusted, why: found.why };
  return 'missing' in found ? 'missing' : 'sound';
}
