import { basename } from '../system/paths.js';
import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { type RuntimeUser, runtimeUsers } from './container-users.js';
import { currentTarget, type Layout, PROGRAM_NAME } from './layout.js';

/** A container that runs under this installation. */
export interface OwnUser extends RuntimeUser {
  /** The path whose place was taken, where its engine calls that. */
  readonly place?: string;
  /** The version, where its engine calls that by its own path. */
  readonly version?: string;
}

/**
 * The containers and calls that this installation serves.
 *
 * @param places - paths whose place is taken
 * @throws CliError `ERR_CONTAINERS_UNKNOWN`
 */
export function ownUsers(system: System, layout: Layout, places: readonly string[]): readonly OwnUser[] {
  const real = realPath(system, layout.prefix);
  const prefixes = real === undefined ? [layout.prefix] : [layout.prefix, real];
  return runtimeUsers(system).flatMap((user): OwnUser[] => {
    const place = places.find((path) => isNamed(user.runtime, path));
    if (place !== undefined) return [{ ...user, place }];
    if (!user.runtime.startsWith('/')) return [];
    const inside =
      insideOf(prefixes, user.runtime) ?? insideOf(prefixes, realPath(system, user.runtime) ?? '');
    // What people call from there is no container.
    if (inside === undefined || (user.by === 'call' && basename(user.runtime) === PROGRAM_NAME)) return [];
    const version = insideOf([currentTarget('').slice(0, -1)], insideOf(prefixes, user.runtime) ?? '');
    return [{ ...user, ...(version === undefined ? {} : { version: version.split('/')[0] ?? '' }) }];
  });
}

/** By a path, or by a name that engines look up on PATH. */
function isNamed(runtime: string, path: string): boolean {
  return runtime === path || (!runtime.includes('/') && runtime === basename(path));
}

/** What of a path is below one of some folders. */
function insideOf(folders: readonly string[], path: string): string | undefined {
  const folder = folders.find((each) => path.startsWith(`${each}/`));
  return folder === undefined ? undefined : path.slice(folder.length + 1);
}

function realPath(system: System, path: string): string | undefined {
  const real = system.realpath(path);
  return isFailure(real) ? undefined : textOf(real);
}
