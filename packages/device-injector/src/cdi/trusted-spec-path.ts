import type { DeviceHost } from '../device-host.js';
import { goQuote } from '../go-quote.js';

/**
 * Tells whether others than the trusted owners could change what a path leads to. All on the way must belong to one of
 * them: every folder, those that symlinks lead through, and what stands at the end. Nobody else may write the end; in
 * a folder above it others may only add names, as in /tmp: where the sticky bit is set, they can neither remove nor
 * rename what they do not own (unlink(2), EPERM), and so not put another folder in the place of the next one.
 *
 * Of a symlink that leads to another symlink, the folder of the second one is not seen; only an owner of the first
 * one can have wanted that.
 *
 * Folders share most of their ways, so what was found is remembered: make one for each loading.
 */
export class TrustedPaths {
  readonly #host: DeviceHost;
  readonly #owners: readonly number[];
  readonly #faultsAbove = new Map<string, string | undefined>();

  constructor(host: DeviceHost, owners: readonly number[]) {
    this.#host = host;
    this.#owners = owners;
  }

  /**
   * Why an absolute, clean path is not to be trusted; undefined where it is, and where nothing is there.
   *
   * @throws errno error of the host
   */
  faultOf(path: string): string | undefined {
    return this.#look(path, true);
  }

  #faultAbove(path: string): string | undefined {
    if (!this.#faultsAbove.has(path)) {
      // Set first, so that symlinks that lead to each other come to an end; the kernel refuses them anyway.
      this.#faultsAbove.set(path, undefined);
      this.#faultsAbove.set(path, this.#look(path, false));
    }
    return this.#faultsAbove.get(path);
  }

  #look(path: string, isEnd: boolean): string | undefined {
    const above = path === '/' ? undefined : this.#faultAbove(path.slice(0, path.lastIndexOf('/')) || '/');
    if (above !== undefined) return above;
    const entry = this.#host.lstat(path);
    if (entry === undefined) return undefined;
    if (!this.#owners.includes(entry.uid)) {
      const owners = this.#owners.map((uid) => (uid === 0 ? 'root' : `user ${uid}`)).join(' or ');
      return `${goQuote(path)} belongs to user ${entry.uid}, not to ${owners}${unmappedRoot(entry.uid)}`;
    }
    if (entry.type === 'symlink') {
      const real = this.#host.realpath(path);
      return real === undefined ? undefined : this.#look(real, isEnd);
    }
    if ((entry.mode & 0o022) === 0 || (!isEnd && (entry.mode & 0o1000) !== 0)) return undefined;
    return `${goQuote(path)} can be written by others than its owner (mode ${entry.mode.toString(8)}; chmod go-w)`;
  }
}

// user_namespaces(7): what belongs to a user without a mapping is shown as the overflow user's.
const OVERFLOW_UID = 65_534;

function unmappedRoot(uid: number): string {
  return uid === OVERFLOW_UID
    ? ' (or to a user that this user namespace has no number for: specs must be owned by its root)'
    : '';
}
