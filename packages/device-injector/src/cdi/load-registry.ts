import { formatPointer } from '@opencontainers-ts/runtime-spec';

import type { DeviceHost } from '../device-host.js';
import { errnoOf } from '../errno.js';
import { cleanPath } from '../go-path.js';
import { goQuote } from '../go-quote.js';
import {
  type CdiDevice,
  type CdiProblem,
  type CdiRegistry,
  type CdiSpecFile,
  DEFAULT_CDI_DIRECTORIES,
  type LoadRegistry,
} from './registry.js';
import { readSpecFile } from './spec-file.js';
import { isSpecName } from './spec-name.js';
import { TrustedPaths } from './trusted-spec-path.js';

const ROOT_ALONE: readonly number[] = [0];

/**
 * Loads the specs in some folders as the CDI library does: files that end in `.json` or `.yaml`, in the order of their names,
 * without subfolders. A device of a later folder wins; a device that one folder defines twice is left out. A fault in a
 * file excludes that file and no other.
 *
 * Unlike the library, it refuses folders and files that anyone but their trusted owners could write, because their content
 * is executed as root. Nothing in such a folder is used.
 *
 * @param directories - absolute paths; the defaults if empty
 * @throws anything that the host throws, except errno errors
 *
 * @example
 * ```ts
 * import { loadCdiRegistry } from '@opencontainers-ts/device-injector';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = { cdiVersion: '0.6.0', kind: 'vendor.com/device', devices: [{ name: 'd', containerEdits: { env: ['A=1'] } }] };
 * const host = memoryHost({ files: { '/etc/cdi/vendor.json': JSON.stringify(spec) } });
 * console.log([...loadCdiRegistry(host).devices.keys()]); // [ 'vendor.com/device=d' ]
 * ```
 */
export const loadCdiRegistry: LoadRegistry = (host, directories = [], { owners = ROOT_ALONE } = {}) => {
  const searched = (directories.length === 0 ? DEFAULT_CDI_DIRECTORIES : directories).map(cleanPath);
  const registry = new Loading(host, new TrustedPaths(host, owners));
  for (const [priority, directory] of searched.entries()) {
    if (!registry.searchDirectory(directory, priority)) break;
  }
  return registry.result(searched);
};

class Loading {
  readonly #host: DeviceHost;
  readonly #trusted: TrustedPaths;
  readonly #files: CdiSpecFile[] = [];
  readonly #devices = new Map<string, CdiDevice & { readonly priority: number }>();
  readonly #conflicts = new Set<string>();
  readonly #problems: CdiProblem[] = [];

  constructor(host: DeviceHost, trusted: TrustedPaths) {
    this.#host = host;
    this.#trusted = trusted;
  }

  /** False to end the search: upstream stops at the first folder that it cannot examine. */
  searchDirectory(directory: string, priority: number): boolean {
    try {
      const refusal = this.#trusted.faultOf(directory);
      if (refusal !== undefined) {
        this.#refuse(directory, `is refused: ${refusal}; none of its specs is used`);
        return true;
      }
    } catch (error) {
      this.#refuse(
        directory,
        `cannot be looked at: ${errnoOf(error)}; neither it nor a folder after it is searched`,
      );
      return false;
    }
    let names: readonly string[];
    try {
      names = this.#host.readDirectory(directory) ?? [];
    } catch (error) {
      this.#refuse(directory, `cannot be searched: ${errnoOf(error)}`);
      return true;
    }
    for (const name of names.filter(isSpecName).sort())
      this.#readFile(`${directory}/${name}`.replace('//', '/'), priority);
    return true;
  }

  #refuse(path: string, why: string): void {
    this.#problems.push({ path, message: `CDI spec folder ${goQuote(path)} ${why}` });
  }

  #readFile(path: string, priority: number): void {
    if (this.#isDirectory(path)) return;
    const read = readSpecFile(this.#host, path, this.#trusted);
    if ('message' in read) {
      this.#problems.push(read);
      return;
    }
    this.#files.push(read);
    for (const device of read.spec.devices) {
      this.#add({ name: `${read.spec.kind}=${device.name}`, device, file: read, priority });
    }
  }

  /** A folder of that name is ignored; a symlink to one is a broken spec, for upstream too. */
  #isDirectory(path: string): boolean {
    try {
      return this.#host.lstat(path)?.type === 'directory';
    } catch (error) {
      // Told when it is read.
      errnoOf(error);
      return false;
    }
  }

  #add(device: CdiDevice & { readonly priority: number }): void {
    const other = this.#devices.get(device.name);
    if (other === undefined || device.priority > other.priority) {
      this.#devices.set(device.name, device);
      return;
    }
    // Said of both files, and the device is gone for good: even a later folder does not bring it back.
    const both = [device, other];
    const specs = both.map(({ file }) => goQuote(file.path)).join(', ');
    const message = `conflicting device ${goQuote(device.name)} (specs ${specs})`;
    for (const { file, device: found } of both) {
      const pointer = formatPointer(['devices', file.spec.devices.indexOf(found)]);
      this.#problems.push({ path: file.path, message, pointer });
    }
    this.#conflicts.add(device.name);
  }

  result(directories: readonly string[]): CdiRegistry {
    const devices = [...this.#devices.values()]
      .filter(({ name }) => !this.#conflicts.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, device, file }): [string, CdiDevice] => [name, { name, device, file }]);
    return { directories, files: this.#files, devices: new Map(devices), problems: this.#problems };
  }
}
