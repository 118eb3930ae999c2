import { printable } from '@opencontainers-ts/runtime-spec';

/** What lstat(2) and readlink(2) say of a path; undefined when nothing is there. */
export interface PathEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly uid: number;
  readonly mode: number;
  /** Where a symlink leads. */
  readonly target?: string;
}

export type LookAtPath = (path: string) => PathEntry | undefined;

/** A path that leads through folders that only root can change, or why it does not. */
export type TrustedPath =
  | { readonly real: string; readonly entry: PathEntry }
  | { readonly missing: string }
  | { readonly untrusted: string };

// As the kernel counts (MAXSYMLINKS, path_resolution(7)).
const MAX_SYMLINKS = 40;

/**
 * Follows an absolute path from `/` and looks at every folder on the way, also those that symlinks lead through: each
 * must belong to root and be writable by nobody else, and so must be what stands at the end. A sticky bit is no help:
 * it keeps others from removing a file, not from adding one.
 *
 * Once that holds, only root can change what the path leads to.
 */
export function trustedPath(path: string, look: LookAtPath): TrustedPath {
  let real = '';
  let rest = path.split('/');
  let links = 0;
  let entry = look('/') ?? { type: 'directory', uid: 0, mode: 0o755 };
  const fault = faultOf('/', entry);
  if (fault !== undefined) return { untrusted: fault };
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      real = real.slice(0, real.lastIndexOf('/'));
      continue;
    }
    const next = `${real}/${name}`;
    const found = look(next);
    if (found === undefined) return { missing: next };
    const wrong = faultOf(next, found);
    if (wrong !== undefined) return { untrusted: wrong };
    if (found.type !== 'symlink') {
      real = next;
      entry = found;
      continue;
    }
    links += 1;
    if (links > MAX_SYMLINKS) return { untrusted: `${printable(path)} leads through too many symlinks` };
    const target = found.target ?? '';
    rest = [...target.split('/'), ...rest];
    if (target.startsWith('/')) real = '';
  }
  return { real: real || '/', entry };
}

function faultOf(path: string, { type, uid, mode }: PathEntry): string | undefined {
  if (uid !== 0) return `${printable(path)} belongs to user ${uid}, not to root`;
  // The mode of a symlink means nothing: who may change it is for its folder to say.
  if (type === 'symlink' || (mode & 0o022) === 0) return undefined;
  return `${printable(path)} can be written by others than root (mode ${(mode & 0o7777).toString(8)})`;
}
