import { formatPointer } from '@opencontainers-ts/runtime-spec';

import type { DeviceHost } from '../../device-host.js';
import { errnoOf } from '../../errno.js';
import { cleanPath } from '../../go-path.js';
import { goQuote } from '../../go-quote.js';
import { type OpenedSpec, type OpenSpec, openSpec } from '../open-spec.js';
import { openSpecFile } from '../spec-file.js';
import { isSpecName } from '../spec-name.js';
import {
  type CdiDevice,
  type CdiProblem,
  type CdiRegistry,
  type CdiSpecFile,
  DEFAULT_CDI_DIRECTORIES,
  type LoadOptions,
} from './registry.js';
import { TrustedPaths } from './trusted-spec-path.js';

const ROOT_ALONE: readonly number[] = [0];

/** Specs that were searched for: single devices can be asked for, which takes less than making values of all of them. */
export interface SearchedSpecs {
  /** The device that {@link registry} has under a qualified name. */
  device(name: string): CdiDevice | undefined;
  registry(): CdiRegistry;
}

/** The devices of a registry. */
export function specsOf(registry: CdiRegistry): SearchedSpecs {
  return { device: (name) => registry.devices.get(name), registry: () => registry };
}

/** Searches folders as `loadCdiRegistry` does. */
export function searchCdiSpecs(
  host: DeviceHost,
  directories: readonly string[] = [],
  { owners = ROOT_ALONE, open = openSpec }: LoadOptions & { readonly open?: OpenSpec } = {},
): SearchedSpecs {
  const searched = (directories.length === 0 ? DEFAULT_CDI_DIRECTORIES : directories).map(cleanPath);
  const search = new Search(host, new TrustedPaths(host, owners), open);
  for (const [priority, directory] of searched.entries()) {
    if (!search.searchDirectory(directory, priority)) break;
  }
  const { found } = search;
  const specs = new FoundSpecs(found);
  return {
    device: (name) => specs.device(name),
    registry: () => new Registration(found).result(searched),
  };
}

interface FoundSpec {
  readonly opened: OpenedSpec;
  readonly priority: number;
}

/** For so many names all specs are looked through; for more it is written down which specs define them. */
const FEW_NAMES = 16;

class FoundSpecs {
  readonly #specs: readonly FoundSpec[];
  readonly #devices = new Map<string, CdiDevice | undefined>();
  #specsOf: ReadonlyMap<string, readonly FoundSpec[]> | undefined;

  constructor(found: readonly (FoundSpec | CdiProblem)[]) {
    this.#specs = found.filter((each) => 'opened' in each);
  }

  device(name: string): CdiDevice | undefined {
    if (!this.#devices.has(name)) this.#devices.set(name, deviceNamed(name, this.#specsThatMayDefine(name)));
    return this.#devices.get(name);
  }

  #specsThatMayDefine(name: string): readonly FoundSpec[] {
    if (this.#devices.size < FEW_NAMES) return this.#specs;
    this.#specsOf ??= specsByDevice(this.#specs);
    return this.#specsOf.get(name) ?? [];
  }
}

function specsByDevice(specs: readonly FoundSpec[]): ReadonlyMap<string, readonly FoundSpec[]> {
  const byDevice = new Map<string, FoundSpec[]>();
  for (const spec of specs) {
    const { kind } = spec.opened.file.spec;
    for (const device of spec.opened.names()) {
      const name = `${kind}=${device}`;
      const same = byDevice.get(name);
      if (same === undefined) byDevice.set(name, [spec]);
      else same.push(spec);
    }
  }
  return byDevice;
}

class Search {
  readonly #host: DeviceHost;
  readonly #trusted: TrustedPaths;
  readonly #open: OpenSpec;
  /** In the order of the search. */
  readonly found: (FoundSpec | CdiProblem)[] = [];

  constructor(host: DeviceHost, trusted: TrustedPaths, open: OpenSpec) {
    this.#host = host;
    this.#trusted = trusted;
    this.#open = open;
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
      this.#openFile(`${directory}/${name}`.replace('//', '/'), priority);
    return true;
  }

  #refuse(path: string, why: string): void {
    this.found.push({ path, message: `CDI spec folder ${goQuote(path)} ${why}` });
  }

  #openFile(path: string, priority: number): void {
    if (this.#isDirectory(path)) return;
    const opened = openSpecFile(this.#host, path, this.#trusted, this.#open);
    this.found.push('message' in opened ? opened : { opened, priority });
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
}

/** The rules of {@link Registration} for one name. */
function deviceNamed(name: string, specs: readonly FoundSpec[]): CdiDevice | undefined {
  let best: { readonly device: CdiDevice; readonly priority: number } | undefined;
  for (const { opened, priority } of specs) {
    const { file } = opened;
    const prefix = `${file.spec.kind}=`;
    const device = name.startsWith(prefix) ? opened.device(name.slice(prefix.length)) : undefined;
    if (device === undefined) continue;
    if (best !== undefined && priority <= best.priority) return undefined;
    best = { device: { name, device, file }, priority };
  }
  return best?.device;
}

/** All devices of the specs that were found, and the problems. */
class Registration {
  readonly #files: CdiSpecFile[] = [];
  readonly #devices = new Map<string, CdiDevice & { readonly priority: number }>();
  readonly #conflicts = new Set<string>();
  readonly #problems: CdiProblem[] = [];

  constructor(found: readonly (FoundSpec | CdiProblem)[]) {
    for (const each of found) {
      const file = 'message' in each ? each : each.opened.whole();
      if ('message' in file) this.#problems.push(file);
      else if ('priority' in each) this.#register(file, each.priority);
    }
  }

  #register(file: CdiSpecFile, priority: number): void {
    this.#files.push(file);
    for (const device of file.spec.devices) {
      this.#add({ name: `${file.spec.kind}=${device.name}`, device, file, priority });
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
