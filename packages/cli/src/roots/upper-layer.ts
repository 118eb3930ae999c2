import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { type FileStatus, isFailure, OPEN, type Path, type System } from '../system/system.js';
import { bytesOfWord, wordOf } from '../system/text.js';
import { BLOCK, paddedLength, type TarHeader, tarHeader } from './tar-header.js';
import { OVERLAY_ATTRIBUTES, type UpperEntry, upperEntries } from './upper-entries.js';
import { answerAt, changing, shownPath } from './upper-tree.js';
import { STRICTLY } from './volume-folder.js';

/** How a layer says that something is deleted, and that a folder hides the one below it (layer.md, "Whiteouts"). */
const WHITEOUT_PREFIX = '.wh.';
const OPAQUE_NAME = '.wh..wh..opq';

/** Of a file at once. */
const PIECE = 65_536;

/** Of one entry in all. Go's archive/tar, which engines unpack with, takes 1 MiB of records. */
const MOST_ATTRIBUTE_BYTES = 1_000_000;

/**
 * What belongs to the machine and not to the file: labels of SELinux and AppArmor, and signatures over the inode. Of the other
 * attributes of `system.` there are only the ACLs that a file system without them can do without.
 */
const LEFT_OUT = /^(?:security\.(?!capability$)|system\.(?!posix_acl_))/;

/**
 * An attribute `trusted.overlay.` that a container has set, as a container engine inside it does, lies on the upper under another
 * name (Linux 6.7, "Nesting overlayfs mounts" of Documentation/filesystems/overlayfs.rst).
 */
const ESCAPED = `${OVERLAY_ATTRIBUTES}overlay.`;

const TYPES = {
  file: '0',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
} as const;

interface LayerOptions {
  /** Is told, in a sentence, what is not in the layer. */
  readonly warn: (message: string) => void;
  /** Whether this is the very file that is being written: it is left out, as tar does it. */
  readonly isOutput?: (status: FileStatus) => boolean;
}

/**
 * An upper as a layer of an OCI image, uncompressed: the bytes of a tar archive, in pieces. The order is that of {@link upperEntries}, so
 * that the same upper gives the same bytes. Times are whole seconds, as in layers of Docker. The top folder itself is not an entry.
 *
 * Of each file as many bytes are read as it had when it was come to; one that becomes shorter is an error.
 *
 * @param upper - open for reading
 * @throws CliError `ERR_LAYER_ENTRY` for what a layer cannot say
 * @throws CliError `ERR_VOLUME_CHANGING`
 * @throws SystemError
 */
export function* layerOf(
  system: System,
  upper: number,
  { warn, isOutput = () => false }: LayerOptions,
): Generator<Uint8Array, void, undefined> {
  // The first name of each inode that has more to come.
  const linked = new Map<string, { readonly path: string; left: number }>();
  for (const entry of upperEntries(system, upper)) {
    const { path, name, status, meaning } = entry;
    if (name.startsWith(WHITEOUT_PREFIX)) {
      throw unsayable(path, `has a name that means in a layer that ${quoted(name.slice(4))} is deleted`);
    }
    if (meaning === 'redirected') {
      throw unsayable(path, 'was made with redirect_dir or metacopy: part of it is only in the image');
    }
    if (meaning === 'whiteout') {
      yield tarHeader(emptyFile(path.slice(0, path.length - name.length) + WHITEOUT_PREFIX + name, status));
      continue;
    }
    if (status.type === 'socket') {
      warn(`the socket ${quoted(shownPath(path))} is left out: a layer has none`);
      continue;
    }
    if (isOutput(status)) {
      warn(`${quoted(shownPath(path))} is left out: it is the file that is written`);
      continue;
    }
    const first = firstName(linked, entry);
    if (first !== undefined) {
      yield tarHeader({ ...metadata(system, entry, warn), type: '1', size: 0n, target: first });
      continue;
    }
    if (status.type === 'file') {
      yield* fileOf(system, upper, entry, warn);
      continue;
    }
    yield tarHeader({ ...metadata(system, entry, warn), ...particulars(system, entry) });
    if (meaning === 'opaque') yield tarHeader(emptyFile(`${path}/${OPAQUE_NAME}`, status));
  }
  yield new Uint8Array(2 * BLOCK);
}

function unsayable(path: string, why: string): CliError {
  return new CliError('ERR_LAYER_ENTRY', `${quoted(shownPath(path))} ${why}`, {
    details: { path: shownPath(path) },
  });
}

function emptyFile(path: string, { mtimeNs }: FileStatus): TarHeader {
  return { path, type: '0', mode: 0, uid: 0, gid: 0, size: 0n, mtime: secondsOf(mtimeNs) };
}

/** The name that the same inode has had before, in this tree. */
function firstName(
  linked: Map<string, { readonly path: string; left: number }>,
  { path, status }: UpperEntry,
): string | undefined {
  const { type, nlink, dev, ino } = status;
  if (type === 'directory' || nlink < 2) return undefined;
  const inode = `${dev}:${ino}`;
  const first = linked.get(inode);
  if (first === undefined) {
    linked.set(inode, { path, left: nlink - 1 });
    return undefined;
  }
  first.left -= 1;
  if (first.left === 0) linked.delete(inode);
  return first.path;
}

type Metadata = Pick<TarHeader, 'path' | 'mode' | 'uid' | 'gid' | 'mtime' | 'attributes'>;

function metadata(system: System, entry: UpperEntry, warn: LayerOptions['warn']): Metadata {
  const { path, status, place } = entry;
  const { mode, uid, gid, mtimeNs } = status;
  const attributes = attributesOf(system, place, path, warn);
  return { path, mode, uid, gid, mtime: secondsOf(mtimeNs), attributes };
}

/** Rounded down, also before 1970. */
function secondsOf(nanoseconds: bigint): bigint {
  return (
    (nanoseconds - (((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n
  );
}

/** What is particular to a kind of entry that is no file. */
function particulars(
  system: System,
  { path, status, place }: UpperEntry,
): Pick<TarHeader, 'path' | 'type' | 'size' | 'target' | 'major' | 'minor'> {
  const { type, major, minor } = status;
  const kind = { type: TYPES[type as keyof typeof TYPES], size: 0n };
  switch (type) {
    case 'directory':
      return { ...kind, path: `${path}/` };
    case 'symlink':
      return { ...kind, path, target: wordOf(answerAt(system.readlink(place), path)) };
    case 'character-device':
    case 'block-device':
      return { ...kind, path, major, minor };
    default:
      return { ...kind, path };
  }
}

/** Attributes as a layer has them, in the order of their names. */
function attributesOf(
  system: System,
  place: Path,
  path: string,
  warn: LayerOptions['warn'],
): readonly (readonly [name: string, value: string])[] {
  const listed = system.listxattr(place);
  if (isFailure(listed) && (listed.errno === 'EOPNOTSUPP' || listed.errno === 'ENOTSUP')) return [];
  const attributes: (readonly [string, string])[] = [];
  let size = 0;
  for (const name of answerAt(listed, path).map(wordOf).sort()) {
    const isEscaped = name.startsWith(ESCAPED);
    if (LEFT_OUT.test(name) || (name.startsWith(OVERLAY_ATTRIBUTES) && !isEscaped)) continue;
    if (name.includes('=') || !/^[ -~]+$/.test(name)) {
      warn(
        `the attribute ${quoted(name)} of ${quoted(shownPath(path))} is left out: a layer cannot have that name`,
      );
      continue;
    }
    const value = wordOf(answerAt(system.getxattr(place, name), path));
    size += name.length + value.length;
    if (size > MOST_ATTRIBUTE_BYTES)
      throw unsayable(path, 'has more extended attributes than a layer can have');
    attributes.push([isEscaped ? OVERLAY_ATTRIBUTES + name.slice(ESCAPED.length) : name, value]);
  }
  return attributes;
}

/** A file, which is opened as the very inode that was looked at: never a device or a FIFO that has taken its place. */
function* fileOf(
  system: System,
  upper: number,
  entry: UpperEntry,
  warn: LayerOptions['warn'],
): Generator<Uint8Array, void, undefined> {
  const { path, status } = entry;
  const found = answerAt(system.openat2(upper, bytesOfWord(path), 'path', STRICTLY), path);
  try {
    const { dev, ino, size, type } = answerAt(system.fstat(found), path);
    if (type !== 'file' || dev !== status.dev || ino !== status.ino) throw changing(path);
    const file = answerAt(system.open(`/proc/self/fd/${found}`, OPEN.read + OPEN.nonBlocking), path);
    try {
      yield tarHeader({ ...metadata(system, entry, warn), type: '0', size });
      let left = size;
      while (left > 0n) {
        const piece = answerAt(system.read(file, left < PIECE ? Number(left) : PIECE), path);
        if (piece.length === 0) throw changing(path);
        left -= BigInt(piece.length);
        yield piece;
      }
      const rest = Number(size % BigInt(BLOCK));
      if (rest > 0) yield new Uint8Array(paddedLength(rest) - rest);
    } finally {
      system.close(file);
    }
  } finally {
    system.close(found);
  }
}
