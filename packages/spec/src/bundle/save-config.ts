import { isSameBytes } from '../json/scans.js';
import { decodeUtf8 } from '../json/utf8.js';
import type { SpecDocument } from '../spec-document.js';
import { SpecError } from '../spec-error.js';
import { answerOf, type BundleFiles, isFailure, OPEN, SystemError } from './bundle-files.js';
import { nodeFiles } from './node-files.js';
import {
  type BundleFile,
  bundlePath,
  checkReplaceable,
  configPath,
  errnoOf,
  fileError,
  readBundleConfig,
} from './read-config.js';
import { createTemporary, removeTemporaries, type Temporary } from './temporary-file.js';

/** How {@link saveConfig} writes. */
export interface SaveOptions {
  /**
   * `preserve` (the default): the mode that the file had, without write permission for anybody except its owner. Everyone
   * who could read the configuration still can, such as a hook in a user namespace of its own. `private`: mode 0600, for
   * configurations that contain what only the runtime may see.
   */
  readonly mode?: 'preserve' | 'private';
}

/** And the bits that mean nothing here: set-user-id, set-group-id, sticky. */
const WRITABLE_BY_OTHERS = 0o7022;
const OPEN_FOLDER = OPEN.read + OPEN.directory;

function writeAll(files: BundleFiles, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += answerOf(files.write(fd, bytes.subarray(at)));
  }
}

/** Writes and flushes the temporary file, with its owner and mode as they are to be. */
function fill(files: BundleFiles, { fd }: Temporary, { bytes, from, mode }: Replacement): void {
  writeAll(files, fd, bytes);
  const { uid, gid } = answerOf(files.fstat(fd));
  // Where the owner is right already, chown is left out: some file systems refuse it to anyone.
  if (uid !== from.uid || gid !== from.gid) {
    answerOf(files.fchown(fd, from.uid, from.gid));
  }
  // After chown, which clears bits; and past the umask.
  answerOf(files.fchmod(fd, mode));
  answerOf(files.fsync(fd));
}

/** A file that was replaced or rewritten since it was read would lose what the other program wrote. */
function checkUnchanged(files: BundleFiles, from: BundleFile, path: Uint8Array): void {
  let now: BundleFile;
  try {
    now = readBundleConfig(from.dir, from.name, files);
  } catch (cause) {
    throw fileError('ERR_CONFIG_CHANGED', path, 'was taken away or replaced since it was read', cause);
  }
  if (
    now.id.dev !== from.id.dev ||
    now.id.ino !== from.id.ino ||
    now.throughSymlink !== undefined ||
    !isSameBytes(now.bytes, from.bytes)
  ) {
    throw fileError('ERR_CONFIG_CHANGED', path, 'was changed by another program since it was read');
  }
}

/** Makes the rename last. A file system that cannot flush a folder says EINVAL, and keeps its own order. */
function flushFolder(files: BundleFiles, fd: number, path: Uint8Array): void {
  const failure = files.fsync(fd);
  if (isFailure(failure) && failure.errno !== 'EINVAL') {
    const reason = `was replaced, but its folder cannot be flushed (${failure.errno})`;
    const cause = new SystemError(failure);
    const { message, details } = fileError('ERR_CONFIG_WRITE', path, reason, cause);
    throw new SpecError('ERR_CONFIG_WRITE', message, { details: { ...details, replaced: true }, cause });
  }
}

/** Runs `work` and closes `fd`; when both fail, the failure of `work` is the one to know. */
function closingAfter(files: BundleFiles, fd: number, work: () => void): void {
  try {
    work();
  } catch (first) {
    files.close(fd);
    throw first;
  }
  answerOf(files.close(fd));
}

/** Removes the temporary file; a failure to do so is told beside `first`, and never instead of it. */
function cleanedUp(files: BundleFiles, first: unknown, path: Uint8Array, temporary: Temporary): SpecError {
  const error = writeError(first, path);
  const failure = files.unlink(temporary.path);
  if (!isFailure(failure) || failure.errno === 'ENOENT') return error;
  const details = {
    ...error.details,
    leftBehind: decodeUtf8(temporary.path),
    leftBehindErrno: failure.errno,
  };
  return new SpecError(error.code, error.message, { details, hint: error.hint, cause: error.cause });
}

function writeError(failure: unknown, path: Uint8Array): SpecError {
  return failure instanceof SpecError
    ? failure
    : fileError('ERR_CONFIG_WRITE', path, `cannot be replaced (${errnoOf(failure)})`, failure);
}

/** Puts our file in the place of the one that was read. One that is gone, another run over the bundle took away. */
function publish(files: BundleFiles, temporary: Temporary, path: Uint8Array): void {
  const failure = files.rename(temporary.path, path);
  if (!isFailure(failure)) return;
  const cause = new SystemError(failure);
  if (failure.errno !== 'ENOENT') throw cause;
  throw fileError('ERR_CONFIG_CHANGED', path, 'was replaced by another program while it was written', cause);
}

/** What is to become of a file. */
interface Replacement {
  readonly from: BundleFile;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

function replaceConfig(files: BundleFiles, replacement: Replacement, path: Uint8Array): void {
  const { from } = replacement;
  const temporary = createTemporary(files, from.dir);
  try {
    closingAfter(files, temporary.fd, () => fill(files, temporary, replacement));
    checkUnchanged(files, from, path);
    publish(files, temporary, path);
  } catch (first) {
    throw cleanedUp(files, first, path, temporary);
  }
  // Not before: runs that go on beside this one find that they are too late, instead of losing a file they still write.
  removeTemporaries(files, from.dir);
}

/**
 * Replaces the `config.json` that was read with a changed document, completely or not at all: a temporary file beside it
 * (`.config.json.ociwrap-` and the process id) is written, flushed and renamed over it. The folder is flushed too, and
 * temporary files left by killed runs are removed. If several runs work on one bundle at the same time, the later ones
 * fail. The owner stays. If the document has the bytes that were read, nothing is touched, neither inode nor time stamps.
 *
 * @throws SpecError `ERR_CONFIG_NOT_REGULAR` if the file was read through a symlink; `ERR_CONFIG_CHANGED` if the file is no
 * longer what was read; `ERR_CONFIG_WRITE` if the new one cannot be written. In all cases the old file is intact, unless
 * the details say `replaced`. `details.leftBehind` names a temporary file that could not be removed.
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { at, op } from '@opencontainers-ts/runtime-spec';
 * import { loadBundle, saveConfig } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const dir = mkdtempSync(join(tmpdir(), 'bundle-'));
 * writeFileSync(join(dir, 'config.json'), '{"ociVersion": "1.2.0", "root": {"path": "rootfs"}}');
 * const bundle = loadBundle(dir);
 * console.log(saveConfig(bundle, bundle.document.apply([op.add(at('root', 'readonly'), true)]))); // written
 * console.log(readFileSync(join(dir, 'config.json'), 'utf8')); // {"ociVersion": "1.2.0", "root": {"path": "rootfs", "readonly": true}}
 * ```
 */
export function saveConfig(
  from: BundleFile,
  next: SpecDocument,
  options: SaveOptions = {},
  files: BundleFiles = nodeFiles(),
): 'written' | 'unchanged' {
  if (isSameBytes(from.bytes, next.bytes)) {
    return 'unchanged';
  }
  checkReplaceable(from);
  const path = configPath(from);
  const mode = options.mode === 'private' ? 0o600 : from.mode & ~WRITABLE_BY_OTHERS;
  try {
    const folder = answerOf(files.open(bundlePath(from.dir, ''), OPEN_FOLDER));
    closingAfter(files, folder, () => {
      replaceConfig(files, { from, bytes: next.bytes, mode }, path);
      flushFolder(files, folder, path);
    });
  } catch (failure) {
    throw writeError(failure, path);
  }
  return 'written';
}
