import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import { checkContainerId } from './container-id.js';
import { holdLock, isErrno, type LockWait, releaseLock } from './container-lock.js';
import { type ContainerRecord, parseRecord, recordText } from './container-record.js';
import { syncFolder, writeWhole } from './whole-file.js';

/** Where records are kept by default. On a tmpfs, as `/run` is, they are gone with the containers when the machine is started anew. */
export const DEFAULT_STORE_ROOT = '/run/ociwrap-containers';

/** Longer than a runtime takes for any call on a machine that is not starved. */
const LONGEST_WAIT = 30_000;

/** Folders beside those of containers; no id has an "@". */
const LOCKS = '@locks';
const UNNAMED = '@unnamed';

/** A folder of the store: its record, or why that cannot be read. */
export type StoredContainer =
  | { readonly id: string; readonly record: ContainerRecord }
  | { readonly id: string; readonly error: RuntimeClientError };

/** A record that may be changed, as its lock is held. */
export interface LockedRecord {
  /** Undefined where there is none. */
  read(): Promise<ContainerRecord | undefined>;
  /** The first writing. @throws RuntimeClientError `ERR_CONTAINER_EXISTS`: what is there stays as it is */
  reserve(record: ContainerRecord): Promise<void>;
  write(record: ContainerRecord): Promise<void>;
  /** Takes it away, broken or not, with its folder. There may be none. */
  remove(): Promise<void>;
}

/**
 * The records of containers, `ROOT/ID/container.json`. They are written whole, and under the container's lock; reading them takes no lock.
 *
 * @example
 * ```ts
 * import { ContainerStore } from '@opencontainers-ts/runtime-client';
 *
 * const store = new ContainerStore({ root: '/tmp/containers-that-are-not-there' });
 * console.log(await store.list()); // []
 * ```
 */
export class ContainerStore {
  /** The folder, an absolute path. */
  readonly root: string;
  readonly #longestWait: number;

  /**
   * @param options - `root`: the folder, by default `/run/ociwrap-containers`, made with mode 0700 when first something is kept there;
   * `longestWait`: for the lock of a container, in milliseconds, by default 30000
   */
  constructor(options: { readonly root?: string; readonly longestWait?: number } = {}) {
    this.root = resolve(options.root ?? DEFAULT_STORE_ROOT);
    this.#longestWait = options.longestWait ?? LONGEST_WAIT;
  }

  /** The folder of a container: its record, and the file with its pid. */
  folderOf(id: string): string {
    return join(this.root, checkContainerId(id));
  }

  /**
   * The record of a container, by its whole id.
   *
   * @returns undefined where there is none
   * @throws RuntimeClientError `ERR_CONTAINER_ID`, `ERR_CONTAINER_RECORD`
   */
  async read(id: string): Promise<ContainerRecord | undefined> {
    const path = join(this.folderOf(id), 'container.json');
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw failed(path, 'cannot be read', error);
    }
    return parseRecord(text, path, id);
  }

  /**
   * The id of the container that is called so, or of the one whose id begins so.
   *
   * @throws RuntimeClientError `ERR_CONTAINER_MISSING`, with all `candidates` in the details where there are several
   */
  async find(idOrPrefix: string): Promise<string> {
    checkContainerId(idOrPrefix);
    const candidates = (await this.#ids()).filter((id) => id.startsWith(idOrPrefix));
    const [first] = candidates.includes(idOrPrefix) ? [idOrPrefix] : candidates;
    if (first !== undefined && (first === idOrPrefix || candidates.length === 1)) return first;
    const fault =
      first === undefined
        ? `there is no container ${quoted(idOrPrefix)} in ${quoted(this.root)}`
        : `${candidates.length} containers have ids that begin with ${quoted(idOrPrefix)}: ${candidates.map(quoted).join(', ')}`;
    throw new RuntimeClientError('ERR_CONTAINER_MISSING', fault, {
      details: { id: idOrPrefix, root: this.root, candidates },
    });
  }

  /** All containers, in the order of their ids; one with a broken record does not hide the others. */
  async list(): Promise<readonly StoredContainer[]> {
    const found = await Promise.all((await this.#ids()).map((id) => this.#stored(id)));
    return found.filter((each) => each !== undefined);
  }

  /**
   * Does something with a record while nobody else can change it. An id is locked whether or not there is a container.
   *
   * @throws RuntimeClientError `ERR_CONTAINER_ID`, `ERR_CONTAINER_BUSY`, `ERR_CONTAINER_RECORD`
   */
  async locked<Result>(
    id: string,
    action: (record: LockedRecord) => Promise<Result>,
    wait: Partial<LockWait> = {},
  ): Promise<Result> {
    const folder = this.folderOf(id);
    const locks = await this.#madeFolder(LOCKS);
    const lock = await holdLock(join(locks, id), { longestWait: this.#longestWait, ...wait });
    try {
      return await action({
        read: () => this.read(id),
        reserve: (record) => this.#reserve(record),
        write: (record) => this.#write(join(folder, 'container.json'), record),
        remove: () => this.#remove(id),
      });
    } finally {
      await releaseLock(lock);
    }
  }

  /** A folder gets its name when its record is in it, so that there is never one without. */
  async #reserve(record: ContainerRecord): Promise<void> {
    const unnamed = join(await this.#madeFolder(UNNAMED), checkContainerId(record.id));
    try {
      await rm(unnamed, { recursive: true, force: true }); // of a call that was killed
      await mkdir(unnamed, { mode: 0o700 });
      await writeWhole(join(unnamed, 'container.json'), recordText(record));
      await rename(unnamed, this.folderOf(record.id));
    } catch (error) {
      await rm(unnamed, { recursive: true, force: true });
      // rename(2): the folder there is not empty, or is a file
      if (!isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'))
        throw failed(unnamed, 'cannot be written', error);
      const fault = `there is a container ${quoted(record.id)} in ${quoted(this.root)} already`;
      throw new RuntimeClientError('ERR_CONTAINER_EXISTS', fault, { details: { id: record.id } });
    }
    await syncFolder(this.root);
  }

  async #write(path: string, record: ContainerRecord): Promise<void> {
    try {
      await writeWhole(path, recordText(record));
    } catch (error) {
      throw failed(path, 'cannot be written', error);
    }
  }

  /** Its name goes first, so that what is left by a crash is no container. */
  async #remove(id: string): Promise<void> {
    const [folder, unnamed] = [this.folderOf(id), join(await this.#madeFolder(UNNAMED), id)];
    try {
      await rm(unnamed, { recursive: true, force: true });
      await rename(folder, unnamed);
      await syncFolder(this.root);
      await rm(unnamed, { recursive: true, force: true });
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw failed(folder, 'cannot be removed', error);
    }
  }

  async #stored(id: string): Promise<StoredContainer | undefined> {
    try {
      const record = await this.read(id);
      if (record !== undefined) return { id, record };
      if (!existsSync(this.folderOf(id))) return undefined; // gone meanwhile
      return { id, error: failed(this.folderOf(id), 'has no record') };
    } catch (error) {
      if (error instanceof RuntimeClientError) return { id, error };
      throw error;
    }
  }

  async #ids(): Promise<readonly string[]> {
    try {
      const entries = await readdir(this.root, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('@'))
        .map(({ name }) => name)
        .sort();
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw failed(this.root, 'cannot be listed', error);
    }
  }

  /** A folder of the root, both made if need be. Who could write in the root could say what `destroy` kills and removes. */
  async #madeFolder(name: string): Promise<string> {
    const folder = join(this.root, name);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { uid, mode } = await lstat(this.root);
      if (uid === process.getuid?.() && (mode & 0o022) === 0) return folder;
    } catch (error) {
      throw failed(folder, 'cannot be made', error);
    }
    throw failed(this.root, 'is of another user, or can be written by others');
  }
}

function failed(path: string, fault: string, cause?: unknown): RuntimeClientError {
  return new RuntimeClientError('ERR_CONTAINER_RECORD', `${quoted(path)} ${fault}`, {
    details: { path },
    cause,
  });
}
