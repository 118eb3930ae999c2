import { join } from '../system/paths.js';

/** Where it is installed unless something else is said. */
export const DEFAULT_PREFIX = '/opt/ociwrap';

/** The name of the program in the folder of its version. */
export const PROGRAM_NAME = 'ociwrap';

/** What engines call. */
export const WRAPPER_NAME = 'oci-runtime-wrapper';

/** The paths of an installation: docs/adr/0004-installed-by-the-program.md has them as a tree. */
export interface Layout {
  readonly prefix: string;
  /** A folder for each version. */
  readonly versions: string;
  /** A symlink to the version that is called. */
  readonly current: string;
  /** Symlinks to the program of that version. */
  readonly bin: string;
  readonly manifest: string;
  /** Held by the command that changes something. */
  readonly lock: string;
}

/** The layout below a prefix, which is absolute. */
export function layoutOf(prefix: string): Layout {
  return {
    prefix,
    versions: join(prefix, 'versions'),
    current: join(prefix, 'current'),
    bin: join(prefix, 'bin'),
    manifest: join(prefix, 'manifest.json'),
    lock: join(prefix, '.lock'),
  };
}

/** What `current` holds: it is relative, so that the prefix may be looked at from outside of a root. */
export function currentTarget(version: string): string {
  return `versions/${version}`;
}

/** What each link in `bin` holds. */
export const BIN_TARGET = `../current/${PROGRAM_NAME}`;

/** The links in `bin`: for engines, for people, and one for each handler. */
export function binNames(handlers: readonly string[]): readonly string[] {
  return [WRAPPER_NAME, PROGRAM_NAME, ...handlers.map((handler) => `${WRAPPER_NAME}-${handler}`)];
}

/** Where a link is made before it is renamed to its place; there is one command at a time, so the name is always the same. */
export function freshPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}/.${path.slice(slash + 1)}.${PROGRAM_NAME}`;
}

/** Where the program whose place was taken is kept. */
export function originalPath(path: string): string {
  return `${path}.real`;
}
