import { errorCode } from '../error-code.js';
import type { FileId } from '../file-id.js';
import { decodeUtf8, encodeUtf8 } from '../json/utf8.js';
import { quoted } from '../printable.js';
import { SpecDocument } from '../spec-document.js';
import { SpecError, type SpecErrorCode } from '../spec-error.js';
import { answerOf, type BundleFiles, type FileStatus, isFailure, OPEN, SystemError } from './bundle-files.js';
import { nodeFiles } from './node-files.js';

/** A `config.json` as it was read. */
export interface BundleFile {
  /** The bundle's folder; bytes if its path is not UTF-8. */
  readonly dir: string | Uint8Array;
  /** The name of the file in that folder, if it is not `config.json`. */
  readonly name?: string | Uint8Array;
  readonly bytes: Uint8Array;
  readonly id: FileId;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Set if the path is a symlink, which is followed, as runtimes do. See {@link checkReplaceable}. */
  readonly throughSymlink?: true;
}

/** A bundle whose configuration is valid JSON. */
export interface Bundle extends BundleFile {
  readonly document: SpecDocument;
}

// Opening a FIFO must not wait for a writer.
const OPEN_CONFIG = OPEN.read + OPEN.nonBlocking + OPEN.noControllingTerminal;

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
export function bundlePath(dir: string | Uint8Array, file: string | Uint8Array): Uint8Array {
  const folder = bytesOf(dir.length === 0 ? '.' : dir);
  const name = bytesOf(file);
  if (name.length === 0) return folder;
  const start = folder.at(-1) === SLASH ? folder.length : folder.length + 1;
  const path = new Uint8Array(start + name.length);
  path.set(folder);
  path[start - 1] = SLASH;
  path.set(name, start);
  return path;
}

const SLASH = 0x2f;

function bytesOf(path: string | Uint8Array): Uint8Array {
  return typeof path === 'string' ? encodeUtf8(path) : path;
}

/** The path of the file that {@link readBundleConfig} read, or is to read. */
export function configPath({ dir, name = 'config.json' }: Pick<BundleFile, 'dir' | 'name'>): Uint8Array {
  return bundlePath(dir, name);
}

/** The errno name of a failed call. */
export function errnoOf(error: unknown): string {
  return errorCode(error) ?? 'unknown';
}

/** An error about a file of a bundle; its details hold the path and, with a cause, the errno name. */
export function fileError(code: SpecErrorCode, path: Uint8Array, reason: string, cause?: unknown): SpecError {
  const details = { path: decodeUtf8(path), ...(cause === undefined ? {} : { errno: errnoOf(cause) }) };
  return new SpecError(code, `${quoted(details.path)} ${reason}`, { details, cause });
}

function readAll(files: BundleFiles, fd: number, size: number): Uint8Array {
  // One byte more than the size, so that a file that has not grown is read to its end in one go.
  const first = answerOf(files.read(fd, size + 1));
  if (first.length <= size) {
    // Nearly always there is no more, and one byte tells that with the least memory.
    const more = first.length === 0 ? first : answerOf(files.read(fd, 1));
    if (more.length === 0) return first;
    return joined(readOn(files, fd, [first, more]));
  }
  return joined(readOn(files, fd, [first]));
}

/** Read at once of a file that grows. */
const MORE = 65536;

function readOn(files: BundleFiles, fd: number, read: Uint8Array[]): readonly Uint8Array[] {
  for (;;) {
    const piece = answerOf(files.read(fd, MORE));
    if (piece.length === 0) return read;
    read.push(piece);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Opens the file as runtimes find it, symlinks followed. O_NOFOLLOW tells whether there is one; what it leads to is looked
 * at before it is opened, since a device acts on that.
 */
function openConfig(
  files: BundleFiles,
  path: Uint8Array,
): { readonly fd: number; readonly throughSymlink?: true } {
  const direct = files.open(path, OPEN_CONFIG + OPEN.noFollow);
  if (!isFailure(direct)) return { fd: direct };
  if (direct.errno !== 'ELOOP') throw new SystemError(direct);
  if (answerOf(files.stat(path)).type !== 'file') {
    throw fileError('ERR_CONFIG_NOT_REGULAR', path, 'is a symlink to something that is not a regular file');
  }
  return { fd: answerOf(files.open(path, OPEN_CONFIG)), throughSymlink: true };
}

/**
 * Reads the `config.json` of a bundle. A symlink is followed, as runtimes do. A FIFO does not block.
 *
 * @param dir - The bundle's folder; relative to the working directory unless it is absolute.
 * @param name - The name of the file in that folder, for runtimes that are told to read another one (`crun --config`).
 * @param files - How files are read; by default, with node:fs.
 * @throws SpecError `ERR_CONFIG_MISSING` (ENOENT, ENOTDIR, or a dangling symlink), `ERR_CONFIG_NOT_REGULAR` (folder, FIFO,
 * socket, device), `ERR_CONFIG_UNREADABLE` (any other failure, or more than 256 MiB).
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
export function readBundleConfig(
  dir: string | Uint8Array,
  name?: string | Uint8Array,
  files: BundleFiles = nodeFiles(),
): BundleFile {
  const place = name === undefined ? { dir } : { dir, name };
  const path = configPath(place);
  let opened: ReturnType<typeof openConfig>;
  try {
    opened = openConfig(files, path);
  } catch (cause) {
    if (cause instanceof SpecError) throw cause;
    const code = OPEN_ERRORS[errnoOf(cause)] ?? 'ERR_CONFIG_UNREADABLE';
    throw fileError(code, path, OPEN_REASONS[code] ?? `cannot be opened (${errnoOf(cause)})`, cause);
  }
  const { fd, ...how } = opened;
  try {
    const { dev, ino, mode, uid, gid, size } = statusOfConfig(files, fd, path);
    return { ...place, ...how, bytes: readAll(files, fd, Number(size)), id: { dev, ino }, mode, uid, gid };
  } catch (cause) {
    if (cause instanceof SpecError) {
      throw cause;
    }
    throw fileError('ERR_CONFIG_UNREADABLE', path, `cannot be read (${errnoOf(cause)})`, cause);
  } finally {
    files.close(fd); // nothing was written that it could lose
  }
}

function statusOfConfig(files: BundleFiles, fd: number, path: Uint8Array): FileStatus {
  const status = answerOf(files.fstat(fd));
  if (status.type !== 'file') {
    throw fileError('ERR_CONFIG_NOT_REGULAR', path, 'is not a regular file');
  }
  if (status.size > LONGEST_CONFIG) {
    throw fileError(
      'ERR_CONFIG_UNREADABLE',
      path,
      `has ${status.size} bytes; at most ${LONGEST_CONFIG} are read`,
    );
  }
  return status;
}

/**
 * Reads the `config.json` of a bundle as a document.
 *
 * @throws SpecError as {@link readBundleConfig}, and `ERR_SPEC_SYNTAX` if it is not JSON.
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
export function loadBundle(dir: string | Uint8Array, files: BundleFiles = nodeFiles()): Bundle {
  const file = readBundleConfig(dir, undefined, files);
  return { ...file, document: SpecDocument.parse(file.bytes, decodeUtf8(configPath(file))) };
}

/**
 * Checks that a `config.json` may be replaced. A symlink may not: its target may belong to another bundle as well, and to
 * put a file in place of the link would silently separate the two.
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
