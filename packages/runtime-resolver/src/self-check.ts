import { errnoCode, type FileId, type FileSystem, type PinnedPath } from './file-system.js';

/**
 * The text by which a copy of the wrapper knows another one. It stands within the first 4096 bytes of the file: in
 * an ELF note of the launcher, and in the first line of the bundled script.
 *
 * @example
 * ```ts
 * import { SELF_MARKER } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(SELF_MARKER); // ociwrap:self:oci-runtime-wrapper
 * ```
 */
export const SELF_MARKER = 'ociwrap:self:oci-runtime-wrapper';

/**
 * How much of a file is searched for {@link SELF_MARKER}, in bytes: the first page, which holds the ELF notes.
 *
 * @example
 * ```ts
 * import { MARKER_REACH } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(MARKER_REACH); // 4096
 * ```
 */
export const MARKER_REACH = 4096;

/**
 * Why the file at `path` is this program, or `undefined` when it is not. Three proofs, each for what the others miss: the real
 * path (the file was replaced while we run), device and inode (a hard link, a bind mount), the marker (a copy).
 *
 * A file that may be executed but not read cannot be searched for the marker and passes: such runtimes exist
 * (mode 0711), and a copy that hides like that is stopped by the depth counter.
 */
export function selfReason(
  { path, realPath }: { readonly path: string; readonly realPath: string | undefined },
  id: FileId,
  self: PinnedPath,
  fs: FileSystem,
): string | undefined {
  if (id.dev === self.dev && id.ino === self.ino) return 'same device and inode as this program';
  if (realPath !== undefined && realPath === realPathOf(self.path, fs)) {
    return 'leads to the path of this program';
  }
  const head = unlessErrno(() => fs.head(path, MARKER_REACH));
  return head !== undefined && hasMarker(head.subarray(0, MARKER_REACH))
    ? 'a copy of this program'
    : undefined;
}

const MARKER = new TextEncoder().encode(SELF_MARKER);

const COLON = 0x3a;
const COLON_AT = MARKER.indexOf(COLON);

/**
 * Looks for the byte of the marker that is rarest in programs, which an engine does quickly; text would have to be decoded
 * first.
 */
function hasMarker(bytes: Uint8Array): boolean {
  for (let colon = bytes.indexOf(COLON); colon !== -1; colon = bytes.indexOf(COLON, colon + 1)) {
    const start = colon - COLON_AT;
    let length = 0;
    while (length < MARKER.length && bytes[start + length] === MARKER[length]) length += 1;
    if (length === MARKER.length) return true;
  }
  return false;
}

/** realpath(3); `undefined` for a path that leads nowhere, or that cannot be followed. */
export function realPathOf(path: string, fs: FileSystem): string | undefined {
  return unlessErrno(() => fs.realpath(path));
}

function unlessErrno<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (thrown) {
    errnoCode(thrown);
    return undefined;
  }
}
