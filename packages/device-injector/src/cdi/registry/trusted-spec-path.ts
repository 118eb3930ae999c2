import { type HostEntry, trustedPath } from '@opencontainers-ts/rootfs-rewriter';

import type { DeviceHost } from '../../device-host.js';
import { goQuote } from '../../go-quote.js';

/**
 * Tells whether others than the trusted owners could change what a path leads to, as for every file that is believed
 * (`trustedPath`).
 *
 * Folders share most of their ways, so what was seen is remembered: make one for each loading.
 */
export class TrustedPaths {
  readonly #host: DeviceHost;
  readonly #owners: readonly number[];
  readonly #seen = new Map<string, HostEntry | undefined>();

  constructor(host: DeviceHost, owners: readonly number[]) {
    this.#host = host;
    this.#owners = owners;
  }

  /**
   * Why an absolute path is not to be trusted; undefined where it is, and where nothing is there.
   *
   * @throws errno error of the host
   */
  faultOf(path: string): string | undefined {
    const found = trustedPath(path, (step) => this.#look(step), this.#owners);
    return 'untrusted' in found ? `${goQuote(found.untrusted)} ${found.why}` : undefined;
  }

  #look(path: string): HostEntry | undefined {
    if (!this.#seen.has(path)) this.#seen.set(path, this.#entryAt(path));
    return this.#seen.get(path);
  }

  #entryAt(path: string): HostEntry | undefined {
    const entry = this.#host.lstat(path);
    if (entry?.type !== 'symlink' || entry.target !== undefined) return entry;
    // A host that does not tell where a symlink leads tells where it ends.
    const real = this.#host.realpath(path);
    return real === undefined ? undefined : { ...entry, target: real };
  }
}
