import { constants, openSync, readdirSync, unlinkSync } from 'node:fs';

import { bundlePath, errnoOf } from './read-config.js';

const O_CLOEXEC = 0o2000000;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | O_CLOEXEC;

const PREFIX = '.config.json.ociwrap';

/** A file that is to become `config.json`, open for writing. */
export interface Temporary {
  readonly path: Buffer;
  readonly fd: number;
}

/**
 * Creates a file of a name that no other process takes: to rename a name that another run may have given to a file of
 * its own in the meantime would publish that one, half-written. What has our name already was left by a killed run, or
 * belongs to a process of another pid namespace: it stays, and a number tells ours from it.
 */
export function createTemporary(dir: string | Uint8Array): Temporary {
  const own = `${PREFIX}-${process.pid}`;
  for (let attempt = 0; ; attempt += 1) {
    const path = bundlePath(dir, attempt === 0 ? own : `${own}-${attempt}`);
    try {
      return { path, fd: openSync(path, CREATE, 0o600) };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') {
        throw error;
      }
    }
  }
}

/**
 * Removes what killed runs have left. A file that stays (it is a folder, say, or its folder may not be read) does no
 * harm, and the next run tries again: `config.json` is in its place by now.
 */
export function removeTemporaries(dir: string | Uint8Array): void {
  let names: readonly string[];
  try {
    // One character a byte: names need not be UTF-8.
    names = readdirSync(bundlePath(dir, ''), 'latin1');
  } catch {
    return;
  }
  for (const name of names.filter((text) => text.startsWith(PREFIX))) {
    try {
      unlinkSync(bundlePath(dir, Buffer.from(name, 'latin1')));
    } catch {
      // See above.
    }
  }
}
