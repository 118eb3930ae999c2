import type { DeviceHost } from '../device-host.js';
import { goQuote } from './go-quote.js';

/** Who may own specs, and the folders above them. */
export type TrustedOwners = readonly number[];

/**
 * Says why others than the trusted owners could change what an absolute path leads to, or undefined where they cannot:
 * every folder on the way, those that symlinks lead through, and what stands at the end must belong to one of them
 * and be writable by nobody else. A sticky bit is no help: it keeps others from removing a file, not from adding one.
 *
 * Of a symlink that leads to another symlink, the folder of the second one is not seen; only an owner of the first
 * one can have wanted that.
 *
 * What is asked for is remembered: folders share most of their ways. Make one for each loading.
 */
export class TrustedPaths {
  readonly #host: DeviceHost;
  readonly #owners: TrustedOwners;
  readonly #faults = new Map<string, string | undefined>();

  constructor(host: DeviceHost, owners: TrustedOwners) {
    this.#host = host;
    this.#owners = owners;
  }

  faultOf(path: string): string | undefined {
    if (!this.#faults.has(path)) {
      // Set first, so that symlinks that lead to each other come to an end; the kernel refuses them anyway.
      this.#faults.set(path, undefined);
      this.#faults.set(path, this.#look(path));
    }
    return this.#faults.get(path);
  }

  #look(path: string): string | undefined {
    const above = path === '/' ? undefined : this.faultOf(path.slice(0, path.lastIndexOf('/')) || '/');
    if (above !== undefined) return above;
    const entry = this.#host.lstat(path);
    if (entry === undefined) return undefined;
    if (!this.#owners.includes(entry.uid)) {
      const owners = this.#owners.map((uid) => (uid === 0 ? 'root' : `user ${uid}`)).join(' or ');
      return `${goQuote(path)} belongs to user ${entry.uid}, not to ${owners}${unmappedRoot(entry.uid)}`;
    }
    if (entry.type === 'symlink') {
      const real = this.#host.realpath(path);
      return real === undefined ? undefined : this.faultOf(real);
    }
    if ((entry.mode & 0o022) === 0) return undefined;
    return `${goQuote(path)} can be written by others than its owner (mode ${entry.mode.toString(8)})`;
  }
}

// user_namespaces(7): what belongs to a user without a mapping is shown as the overflow user's.
const OVERFLOW_UID = 65_534;

function unmappedRoot(uid: number): string {
  return uid === OVERFLOW_UID
    ? ' (or to a user that this user namespace has no number for: specs must be owned by its root)'
    : '';
}
