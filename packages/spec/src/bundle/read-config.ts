import { closeSync, constants as flags, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { decodeUtf8 } from '../json/utf8.js';
import { quoted } from '../printable.js';
import { SpecDocument } from '../spec-document.js';
import { SpecError, type SpecErrorCode } from '../spec-error.js';

/** Device and inode: which file it is, whatever its path. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** A `config.json` as it was read. */
export interface BundleFile {
  /** The bundle's folder; bytes when its path is not UTF-8. */
  readonly dir: string | Uint8Array;
  /** The file's name in that folder, where it is not `config.json`. */
  readonly name?: string | Uint8Array;
  readonly bytes: Uint8Array;
  readonly id: FileId;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The path is a symlink to the file: runtimes read through it, and so do we. {@link checkReplaceable} */
  readonly throughSymlink?: true;
}

/** A bundle whose configuration is valid JSON. */
export interface Bundle extends BundleFile {
  readonly document: SpecDocument;
}

// O_CLOEXEC is missing from the constants of node:fs; libuv sets it too. O_NONBLOCK: opening a FIFO must not wait for a writer.
const O_CLOEXEC = 0o2000000;
const OPEN_CONFIG = flags.O_RDONLY | flags.O_NONBLOCK | flags.O_NOCTTY | O_CLOEXEC;

/** Longer files are refused before they are read: V8 cannot hold a string of more than 512 MiB. */
const LONGEST_CONFIG = 256 * 1024 * 1024;

const OPEN_ERRORS: Readonly<Record<string, SpecErrorCode>> = {
  ENOENT: 'ERR_CONFIG_MISSING',
  ENOTDIR: 'ERR_CONFIG_MISSING',
  // A socket.
  ENXIO: 'ERR_CONFIG_NOT_REGULAR',
};

const OPEN_REASONS: Readonly<Partial<Record<SpecErrorCode, string>>> = {
  ERR_CONFIG_MISSING: 'does not exist',
  ERR_CONFIG_NOT_REGULAR: 'is not a regular file',
};

/** The path of a file in the bundle's folder, as bytes: Linux paths need not be UTF-8. An empty folder is `.`. */
export function bundlePath(dir: string | Uint8Array, file: string | Uint8Array): Buffer {
  const folder = Buffer.from(dir);
  const name = Buffer.from(file);
  return Buffer.concat([
    folder.length === 0 ? Buffer.from('.') : folder,
    ...(name.length === 0 ? [] : [Buffer.from('/'), name]),
  ]);
}

/** The path of the file that {@link readBundleConfig} read, or is to read. */
export function configPath({ dir, name = 'config.json' }: Pick<BundleFile, 'dir' | 'name'>): Buffer {
  return bundlePath(dir, name);
}

/** The errno name of a failure of node:fs (`instanceof` fails across realms). */
export function errnoOf(error: unknown): string {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) {
    return code;
  }
  // libuv has no names of its own for some, EDQUOT among them: "Unknown system error -122".
  const { errno: numbers } = process.getBuiltinModule('node:os').constants; // loaded for an error only
  const named = Object.entries(numbers).find(([, number]) => number === -Number(errno));
  return named?.[0] ?? String(code ?? 'unknown');
}

/** An error about a file of a bundle; its details hold the path and, with a cause, the errno name. */
export function fileError(code: SpecErrorCode, path: Buffer, reason: string, cause?: unknown): SpecError {
  const details = { path: decodeUtf8(path), ...(cause === undefined ? {} : { errno: errnoOf(cause) }) };
  return new SpecError(code, `${quoted(details.path)} ${reason}`, { details, cause });
}

function readAll(fd: number, size: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  // One byte more than the size, so that a file that has not grown is read to its end in one go.
  let chunk = Buffer.allocUnsafeSlow(size + 1);
  let filled = 0;
  for (;;) {
    const read = readSync(fd, chunk, filled, chunk.length - filled, null);
    filled += read;
    if (read === 0) {
      chunks.push(chunk.subarray(0, filled));
      return chunks.length === 1
        ? new Uint8Array(chunk.buffer, 0, filled)
        : Uint8Array.from(Buffer.concat(chunks));
    }
    if (filled === chunk.length) {
      chunks.push(chunk);
      chunk = Buffer.allocUnsafeSlow(65536);
      filled = 0;
    }
  }
}

/**
 * Opens the file as runtimes find it, symlinks followed. O_NOFOLLOW tells whether there is one; what it leads to is looked
 * at before it is opened, since a device acts on that.
 */
function openConfig(path: Buffer): { readonly fd: number; readonly throughSymlink?: true } {
  try {
    return { fd: openSync(path, OPEN_CONFIG | flags.O_NOFOLLOW) };
  } catch (cause) {
    if (errnoOf(cause) !== 'ELOOP') throw cause;
  }
  if (!statSync(path).isFile()) {
    throw fileError('ERR_CONFIG_NOT_REGULAR', path, 'is a symlink to what is no regular file');
  }
  return { fd: openSync(path, OPEN_CONFIG), throughSymlink: true };
}

/**
 * Reads the `config.json` of a bundle. A symlink is followed, as runtimes do; a FIFO is not waited for.
 *
 * @param dir - The bundle's folder; relative to the working directory unless it is absolute.
 * @param name - The file's name in that folder, for runtimes that are told to read another one (`crun --config`).
 * @throws SpecError `ERR_CONFIG_MISSING` (ENOENT, ENOTDIR; a symlink to nothing too), `ERR_CONFIG_NOT_REGULAR` (folder,
 * FIFO, socket, device), `ERR_CONFIG_UNREADABLE` (any other failure, or more than 256 MiB).
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { readBundleConfig } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const dir = mkdtempSync(join(tmpdir(), 'bundle-'));
 * writeFileSync(join(dir, 'config.json'), '{"ociVersion": ', { mode: 0o600 });
 * const { bytes, mode } = readBundleConfig(dir); // whether it is JSON is not looked at
 * console.log(bytes.length, mode.toString(8)); // 15 600
 * ```
 */
export function readBundleConfig(dir: string | Uint8Array, name?: string | Uint8Array): BundleFile {
  const place = name === undefined ? { dir } : { dir, name };
  const path = configPath(place);
  let opened: ReturnType<typeof openConfig>;
  try {
    opened = openConfig(path);
  } catch (cause) {
    if (cause instanceof SpecError) throw cause;
    const code = OPEN_ERRORS[errnoOf(cause)] ?? 'ERR_CONFIG_UNREADABLE';
    throw fileError(code, path, OPEN_REASONS[code] ?? `cannot be opened (${errnoOf(cause)})`, cause);
  }
  const { fd, ...how } = opened;
  try {
    const { dev, ino, mode, uid, gid, size } = statOf(fd, path);
    const bytes = readAll(fd, Number(size));
    return {
      ...place,
      ...how,
      bytes,
      id: { dev, ino },
      mode: Number(mode) & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
    };
  } catch (cause) {
    if (cause instanceof SpecError) {
      throw cause;
    }
    throw fileError('ERR_CONFIG_UNREADABLE', path, `cannot be read (${errnoOf(cause)})`, cause);
  } finally {
    closeSync(fd);
  }
}

function statOf(fd: number, path: Buffer) {
  const stat = fstatSync(fd, { bigint: true });
  if (!stat.isFile()) {
    throw fileError('ERR_CONFIG_NOT_REGULAR', path, 'is not a regular file');
  }
  if (stat.size > LONGEST_CONFIG) {
    throw fileError('ERR_CONFIG_UNREADABLE', path, `has ${stat.size} bytes, more than can be read`);
  }
  return stat;
}

/**
 * Reads the `config.json` of a bundle as a document.
 *
 * @throws SpecError as {@link readBundleConfig}, and `ERR_SPEC_SYNTAX` when it is not JSON.
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { loadBundle } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const dir = mkdtempSync(join(tmpdir(), 'bundle-'));
 * writeFileSync(join(dir, 'config.json'), '{"ociVersion": "1.2.0", "root": {"path": "rootfs"}}');
 * console.log(loadBundle(dir).document.spec.root?.path); // rootfs
 * ```
 */
export function loadBundle(dir: string | Uint8Array): Bundle {
  const file = readBundleConfig(dir);
  return { ...file, document: SpecDocument.parse(file.bytes, decodeUtf8(configPath(file))) };
}

/**
 * Whether a `config.json` may be replaced by a changed one. One that is a symlink may not: what it leads to may be another
 * bundle's too, and to put a file in the link's place would part the two unseen.
 *
 * @throws SpecError `ERR_CONFIG_NOT_REGULAR`
 * @example
 * ```ts
 * import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { checkReplaceable, readBundleConfig } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const dir = mkdtempSync(join(tmpdir(), 'bundle-'));
 * writeFileSync(join(dir, 'shared.json'), '{}');
 * symlinkSync('shared.json', join(dir, 'config.json'));
 * const file = readBundleConfig(dir); // {}
 * try {
 *   checkReplaceable(file);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // ERR_CONFIG_NOT_REGULAR
 * }
 * ```
 */
export function checkReplaceable(file: BundleFile): void {
  if (file.throughSymlink !== undefined) {
    const reason = 'is a symlink: it is read through, but never replaced, and would have to be changed';
    throw fileError('ERR_CONFIG_NOT_REGULAR', configPath(file), reason);
  }
}
