import type { HostEntry } from './host.js';

/** What must be known of each entry on the path. */
export type OwnedEntry = Pick<HostEntry, 'uid' | 'mode' | 'target'> & { readonly type: string };

/** A path that leads through folders that only its trusted owners can change, or why it does not. */
export type TrustedPath<Entry extends OwnedEntry = OwnedEntry> =
  | { readonly real: string; readonly entry: Entry }
  | { readonly missing: string }
  | { readonly untrusted: string; readonly why: string };

// As the kernel counts (MAXSYMLINKS, path_resolution(7)).
const MAX_SYMLINKS = 40;

const ROOT_ALONE: readonly number[] = [0];

/**
 * Follows an absolute path from `/` and checks every entry on the way, including those that symlinks lead through. Each must
 * belong to a trusted owner, and nobody else may write the last one. In a folder above it, others may only add names, as in
 * /tmp or /nix/store: if the sticky bit is set, they can neither remove nor rename what they do not own (unlink(2),
 * EPERM), and so cannot replace the next component.
 *
 * If all of this holds, only those owners can change what the path leads to.
 *
 * @param path - absolute
 * @param look - returns the entry at a path, without following a symlink; undefined if there is none
 * @param owners - user ids; only root by default
 *
 * @example
 * ```ts
 * import { trustedPath } from '@opencontainers-ts/rootfs-rewriter';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const { lstat } = memoryHost({ files: { '/tmp/a': '' }, access: { '/tmp': { mode: 0o1777 } } });
 * console.log(trustedPath('/tmp/a', lstat)); // real: '/tmp/a'
 * console.log(trustedPath('/tmp', lstat)); // untrusted: '/tmp'
 * ```
 */
export function trustedPath<Entry extends OwnedEntry>(
  path: string,
  look: (path: string) => Entry | undefined,
  owners: readonly number[] = ROOT_ALONE,
): TrustedPath<Entry> {
  const top = look('/');
  if (top === undefined) return { missing: '/' };
  const wrongTop = faultAbove(top, owners);
  if (wrongTop !== undefined) return { untrusted: '/', why: wrongTop };
  let entry = top;
  let real = '/';
  let rest = stepsOf(path);
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = name === '..' ? parentOf(real) : `${real === '/' ? '' : real}/${name}`;
    const found = look(next);
    if (found === undefined) return { missing: next };
    const wrong = faultAbove(found, owners);
    if (wrong !== undefined) return { untrusted: next, why: wrong };
    if (found.type !== 'symlink') {
      real = next;
      entry = found;
      continue;
    }
    links += 1;
    if (links > MAX_SYMLINKS) return { untrusted: path, why: 'leads through too many symlinks' };
    const target = found.target ?? '';
    rest = [...stepsOf(target), ...rest];
    if (target.startsWith('/')) [real, entry] = ['/', top];
  }
  return isWritableByOthers(entry) ? { untrusted: real, why: writableBy(entry) } : { real, entry };
}

function stepsOf(path: string): string[] {
  return path.split('/').filter((step) => step !== '' && step !== '.');
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** What keeps a step from being one that only its owners can put another thing in the place of. */
function faultAbove(entry: OwnedEntry, owners: readonly number[]): string | undefined {
  const { type, uid, mode } = entry;
  if (!owners.includes(uid)) {
    const names = owners.map((owner) => (owner === 0 ? 'root' : `user ${owner}`)).join(' or ');
    return `belongs to user ${uid}, not to ${names}${unmappedRoot(uid)}`;
  }
  // The mode of a symlink means nothing: who may change it is for its folder to say.
  if (type === 'symlink' || (mode & STICKY) !== 0) return undefined;
  return isWritableByOthers(entry) ? writableBy(entry) : undefined;
}

const STICKY = 0o1000;

function isWritableByOthers({ mode }: OwnedEntry): boolean {
  return (mode & 0o022) !== 0;
}

function writableBy({ mode }: OwnedEntry): string {
  return `can be written by others than its owner (mode ${(mode & 0o7777).toString(8)}; chmod go-w)`;
}

// user_namespaces(7): what belongs to a user without a mapping is shown as the overflow user's.
const OVERFLOW_UID = 65_534;

function unmappedRoot(uid: number): string {
  return uid === OVERFLOW_UID
    ? ' (or to a user that this user namespace has no number for: chown it to the root of the namespace)'
    : '';
}
