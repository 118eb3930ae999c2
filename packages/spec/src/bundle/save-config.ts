import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { decodeUtf8 } from '../json/utf8.js';
import type { SpecDocument } from '../spec-document.js';
import { SpecError } from '../spec-error.js';
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
   * `preserve` (the default): the mode that the file had, but that nobody except its owner may write it. Who could read the
   * configuration still can: a process in a user namespace of its own, say, which some runtimes' hooks and tests are.
   * `private`: mode 0600, for configurations into which rules put what only the runtime should see.
   */
  readonly mode?: 'preserve' | 'private';
}

const O_CLOEXEC = 0o2000000;

/** And the bits that mean nothing here: set-user-id, set-group-id, sticky. */
const WRITABLE_BY_OTHERS = 0o7022;
const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | O_CLOEXEC;

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(fd, bytes, at);
  }
}

/** Writes and flushes the temporary file, with its owner and mode as they are to be. */
function fill({ fd }: Temporary, bytes: Uint8Array, from: BundleFile, mode: number): void {
  writeAll(fd, bytes);
  const { uid, gid } = fstatSync(fd);
  // Where the owner is right already, chown is left out: some file systems refuse it to anyone.
  if (uid !== from.uid || gid !== from.gid) {
    fchownSync(fd, from.uid, from.gid);
  }
  // After chown, which clears bits; and past the umask.
  fchmodSync(fd, mode);
  fsyncSync(fd);
}

/** A file that was replaced or rewritten since it was read would lose what the other program wrote. */
function checkUnchanged(from: BundleFile, path: Buffer): void {
  let now: BundleFile;
  try {
    now = readBundleConfig(from.dir, from.name);
  } catch (cause) {
    throw fileError('ERR_CONFIG_CHANGED', path, 'was taken away or replaced since it was read', cause);
  }
  if (
    now.id.dev !== from.id.dev ||
    now.id.ino !== from.id.ino ||
    now.throughSymlink !== undefined ||
    Buffer.compare(now.bytes, from.bytes) !== 0
  ) {
    throw fileError('ERR_CONFIG_CHANGED', path, 'was changed by another program since it was read');
  }
}

/** Makes the rename last. A file system that cannot flush a folder says EINVAL, and keeps its own order. */
function flushFolder(fd: number, path: Buffer): void {
  try {
    fsyncSync(fd);
  } catch (cause) {
    if (errnoOf(cause) !== 'EINVAL') {
      const reason = `was replaced, but its folder cannot be flushed (${errnoOf(cause)})`;
      const { message, details } = fileError('ERR_CONFIG_WRITE', path, reason, cause);
      throw new SpecError('ERR_CONFIG_WRITE', message, { details: { ...details, replaced: true }, cause });
    }
  }
}

/** Runs `work` and closes `fd`; when both fail, the failure of `work` is the one to know. */
function closingAfter(fd: number, work: () => void): void {
  try {
    work();
  } catch (first) {
    try {
      closeSync(fd);
    } catch {
      // The first failure explains this one.
    }
    throw first;
  }
  closeSync(fd);
}

/** Removes the temporary file; a failure to do so is told beside `first`, and never instead of it. */
function cleanedUp(first: unknown, path: Buffer, temporary: Temporary): SpecError {
  const error = writeError(first, path);
  try {
    unlinkSync(temporary.path);
    return error;
  } catch (cleanUp) {
    if (errnoOf(cleanUp) === 'ENOENT') {
      return error;
    }
    const details = {
      ...error.details,
      leftBehind: decodeUtf8(temporary.path),
      leftBehindErrno: errnoOf(cleanUp),
    };
    return new SpecError(error.code, error.message, { details, hint: error.hint, cause: error.cause });
  }
}

function writeError(failure: unknown, path: Buffer): SpecError {
  return failure instanceof SpecError
    ? failure
    : fileError('ERR_CONFIG_WRITE', path, `cannot be replaced (${errnoOf(failure)})`, failure);
}

/** Puts our file in the place of the one that was read. One that is gone, another run over the bundle took away. */
function publish(temporary: Temporary, path: Buffer): void {
  try {
    renameSync(temporary.path, path);
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') {
      throw cause;
    }
    throw fileError(
      'ERR_CONFIG_CHANGED',
      path,
      'was replaced by another program while it was written',
      cause,
    );
  }
}

function replaceConfig(from: BundleFile, bytes: Uint8Array, mode: number, path: Buffer): void {
  const temporary = createTemporary(from.dir);
  try {
    closingAfter(temporary.fd, () => fill(temporary, bytes, from, mode));
    checkUnchanged(from, path);
    publish(temporary, path);
  } catch (first) {
    throw cleanedUp(first, path, temporary);
  }
  // Not before: runs that go on beside this one find that they are too late, instead of losing a file they still write.
  removeTemporaries(from.dir);
}

/**
 * Replaces the `config.json` that was read by a changed document, whole or not at all: a temporary file beside it
 * (`.config.json.ociwrap-` and the process id), flushed, renamed over it; the folder is flushed too, and temporary files
 * that killed runs have left are removed. Of runs over one bundle at once the later ones fail. The owner stays. When the document
 * has the bytes that were read, nothing is touched: neither inode nor time stamps.
 *
 * @throws SpecError `ERR_CONFIG_NOT_REGULAR` when the file was read through a symlink; `ERR_CONFIG_CHANGED` when the file is no longer what was read; `ERR_CONFIG_WRITE` when the new
 * one cannot be written. The old file is whole in both cases, unless the details say `replaced`; a temporary file that
 * could not be removed is named in `details.leftBehind`.
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
): 'written' | 'unchanged' {
  if (Buffer.compare(from.bytes, next.bytes) === 0) {
    return 'unchanged';
  }
  checkReplaceable(from);
  const path = configPath(from);
  const mode = options.mode === 'private' ? 0o600 : from.mode & ~WRITABLE_BY_OTHERS;
  try {
    const folder = openSync(bundlePath(from.dir, ''), OPEN_FOLDER);
    closingAfter(folder, () => {
      replaceConfig(from, next.bytes, mode, path);
      flushFolder(folder, path);
    });
  } catch (failure) {
    throw writeError(failure, path);
  }
  return 'written';
}
