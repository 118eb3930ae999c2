import type { DeviceHost } from '../../device-host.js';
import type { CdiSpec, CdiSpecDevice } from '../cdi-spec.js';

/** A CDI spec and the file that it was read from. */
export interface CdiSpecFile {
  readonly path: string;
  readonly spec: CdiSpec;
}

/** A device that can be requested by its qualified name. */
export interface CdiDevice {
  /** `vendor/class=name`. */
  readonly name: string;
  readonly device: CdiSpecDevice;
  readonly file: CdiSpecFile;
}

/** A problem with a file or folder of specs, which the registry then leaves out. */
export interface CdiProblem {
  readonly path: string;
  /** The message of the CDI library, if it has one. Text from the file is quoted as by Go's `%q`, and safe to print. */
  readonly message: string;
  /** JSON Pointer to the faulty value, if there is one. */
  readonly pointer?: string;
  /** Line and column in the file, from 1, if known. */
  readonly line?: number;
  readonly column?: number;
}

/** The devices that the specs of some folders define. */
export interface CdiRegistry {
  /** In the order in which they were searched: lowest precedence first. */
  readonly directories: readonly string[];
  /** The valid files, in the order in which they were read. */
  readonly files: readonly CdiSpecFile[];
  /** By qualified name, sorted by name. */
  readonly devices: ReadonlyMap<string, CdiDevice>;
  readonly problems: readonly CdiProblem[];
}

/**
 * The default folders of CDI specs; the later one wins (CDI SPEC.md).
 *
 * @example
 * ```ts
 * import { DEFAULT_CDI_DIRECTORIES } from '@opencontainers-ts/device-injector';
 *
 * console.log(DEFAULT_CDI_DIRECTORIES.join(' ')); // /etc/cdi /var/run/cdi
 * ```
 */
export const DEFAULT_CDI_DIRECTORIES: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

/** Options of `loadCdiRegistry`. */
export interface LoadOptions {
  /** User ids that folders and files may belong to. Default: only root (0). */
  readonly owners?: readonly number[];
}

/** The type of `loadCdiRegistry`. */
export type LoadRegistry = (
  host: DeviceHost,
  directories?: readonly string[],
  options?: LoadOptions,
) => CdiRegistry;
