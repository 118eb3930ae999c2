import { isFailure, type Path, type System } from '../system/system.js';
import { wordOf } from '../system/text.js';
import { answerAt, type TreeEntry, type WalkOptions, walkTree } from './upper-tree.js';
import { inFolder } from './volume-folder.js';

/** The attributes by which overlayfs knows what an entry of an upper means (fs/overlayfs/overlayfs.h). */
export const OVERLAY_ATTRIBUTES = 'trusted.overlay.';
export const OPAQUE = `${OVERLAY_ATTRIBUTES}opaque`;
const WHITEOUT = `${OVERLAY_ATTRIBUTES}whiteout`;
const REDIRECT = `${OVERLAY_ATTRIBUTES}redirect`;
const METACOPY = `${OVERLAY_ATTRIBUTES}metacopy`;

/** Something in an upper, and what it means. */
export interface UpperEntry extends TreeEntry {
  /**
   * - `whiteout`: what the image has there is deleted
   * - `opaque`: a folder; what the image has there is hidden, as a whole
   * - `redirected`: a folder that lies elsewhere in the image, or a file whose bytes are the image's (`redirect_dir`, `metacopy`): no
   *   overlay of ours makes them
   * - `plain`: itself; a folder lies over the one of the image
   */
  readonly meaning: 'whiteout' | 'opaque' | 'redirected' | 'plain';
}

/** There is no such attribute, the file system has none at all, or the entry was removed since its folder was read. */
export const WITHOUT_ATTRIBUTE: readonly string[] = ['ENODATA', 'EOPNOTSUPP', 'ENOTSUP', 'ENOENT'];

function attributeOf(system: System, place: Path, name: string, path: string): Uint8Array | undefined {
  const value = system.getxattr(place, name);
  return isFailure(value) && WITHOUT_ATTRIBUTE.includes(value.errno) ? undefined : answerAt(value, path);
}

/**
 * Everything in an upper, as {@link walkTree} goes through it.
 *
 * @param upper - open for reading
 */
export function* upperEntries(
  system: System,
  upper: number,
  options?: WalkOptions,
): Generator<UpperEntry, void, undefined> {
  // Only in a folder that says so are there whiteouts that are files (Linux 6.7, Documentation/filesystems/overlayfs.rst).
  const withFiles = new Set<string>();
  if (opaqueOf(system, inFolder(upper, '.'), '') === 'x') withFiles.add('');
  for (const entry of walkTree(system, upper, options)) {
    const { path, name, status, place } = entry;
    if (status.type === 'directory') {
      const opaque = opaqueOf(system, place, path);
      if (opaque === 'x') withFiles.add(path);
      const isRedirected = attributeOf(system, place, REDIRECT, path) !== undefined;
      yield { ...entry, meaning: opaque === 'y' ? 'opaque' : isRedirected ? 'redirected' : 'plain' };
      continue;
    }
    const folder = path.slice(0, Math.max(0, path.length - name.length - 1));
    yield { ...entry, meaning: meaningOf(system, entry, withFiles.has(folder)) };
  }
}

function opaqueOf(system: System, place: Path, path: string): string {
  return wordOf(attributeOf(system, place, OPAQUE, path) ?? new Uint8Array());
}

function meaningOf(
  system: System,
  { path, status, place }: TreeEntry,
  mayBeFile: boolean,
): UpperEntry['meaning'] {
  const { type, major, minor, size } = status;
  if (type === 'character-device') return major === 0 && minor === 0 ? 'whiteout' : 'plain';
  if (type !== 'file') return 'plain';
  if (mayBeFile && size === 0n && attributeOf(system, place, WHITEOUT, path) !== undefined) return 'whiteout';
  return attributeOf(system, place, METACOPY, path) === undefined ? 'plain' : 'redirected';
}
