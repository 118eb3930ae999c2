import { decodeUtf8 } from '../json/utf8.js';
import { type BundleFiles, isFailure, OPEN, SystemError } from './bundle-files.js';
import { bundlePath } from './read-config.js';

const CREATE = OPEN.write + OPEN.create + OPEN.exclusive + OPEN.noFollow;

const PREFIX = '.config.json.ociwrap';

/** A file that is to become `config.json`, open for writing. */
export interface Temporary {
  readonly path: Uint8Array;
  readonly fd: number;
}

/**
 * Creates a file of a name that no other process takes: to rename a name that another run may have given to a file of
 * its own in the meantime would publish that one, half-written. What has our name already was left by a killed run, or
 * belongs to a process of another pid namespace: it stays, and a number tells ours from it.
 */
export function createTemporary(files: BundleFiles, dir: string | Uint8Array): Temporary {
  const own = `${PREFIX}-${files.getpid()}`;
  for (let attempt = 0; ; attempt += 1) {
    const path = bundlePath(dir, attempt === 0 ? own : `${own}-${attempt}`);
    const fd = files.open(path, CREATE, 0o600);
    if (!isFailure(fd)) return { path, fd };
    if (fd.errno !== 'EEXIST') throw new SystemError(fd);
  }
}

/**
 * Removes what killed runs have left. A file that stays (it is a folder, say, or its folder may not be read) does no
 * harm, and the next run tries again: `config.json` is in its place by now.
 */
export function removeTemporaries(files: BundleFiles, dir: string | Uint8Array): void {
  const names = files.readdir(bundlePath(dir, ''));
  if (isFailure(names)) return;
  for (const name of names) {
    // Names need not be UTF-8; how ours begin is ASCII.
    if (decodeUtf8(name).startsWith(PREFIX)) files.unlink(bundlePath(dir, name));
  }
}
