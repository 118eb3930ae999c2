import type { DeviceHost } from '../device-host.js';
import type { CdiSpec, CdiSpecDevice } from './cdi-spec.js';

/** A CDI spec and the file that it was read from. */
export interface CdiSpecFile {
  readonly path: string;
  readonly spec: CdiSpec;
}

/** A device that can be asked for by its qualified name. */
export interface CdiDevice {
  /** `vendor/class=name`. */
  readonly name: string;
  readonly device: CdiSpecDevice;
  readonly file: CdiSpecFile;
}

/** What is wrong with a file or a folder of specs. The registry goes on without it. */
export interface CdiProblem {
  readonly path: string;
  /** Upstream's words where upstream has any. Text of the file in it is quoted as Go's `%q` does, and safe to print. */
  readonly message: string;
  /** JSON Pointer to the value that is at fault, where it is one. */
  readonly pointer?: string;
  /** Where in the file, from 1, where that is known. */
  readonly line?: number;
  readonly column?: number;
}

/** The devices that the specs of some folders define. */
export interface CdiRegistry {
  /** Lowest precedence first, as they were searched. */
  readonly directories: readonly string[];
  /** Those that are sound, in the order in which they were read. */
  readonly files: readonly CdiSpecFile[];
  /** By qualified name, in the order of names. */
  readonly devices: ReadonlyMap<string, CdiDevice>;
  readonly problems: readonly CdiProblem[];
}

/**
 * Where CDI specs lie unless somebody says otherwise; the later one wins (CDI SPEC.md).
 *
 * @example
 * ```ts
 * import { DEFAULT_CDI_DIRECTORIES } from '@opencontainers-ts/device-injector';
 *
 * console.log(DEFAULT_CDI_DIRECTORIES.join(' ')); // /etc/cdi /var/run/cdi
 * ```
 */
export const DEFAULT_CDI_DIRECTORIES: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

/** How specs are loaded. */
export interface LoadOptions {
  /** User ids that folders and files may belong to; only root's (0) if absent. */
  readonly owners?: readonly number[];
}

/** The type of `loadCdiRegistry`. */
export type LoadRegistry = (
  host: DeviceHost,
  directories?: readonly string[],
  options?: LoadOptions,
) => CdiRegistry;
