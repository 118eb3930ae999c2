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
  /** Upstream's words where upstream has any. */
  readonly message: string;
}

/** The devices that the specs of some folders define. */
export interface CdiRegistry {
  /** Lowest precedence first, as they were searched. */
  readonly directories: readonly string[];
  readonly files: readonly CdiSpecFile[];
  /** By qualified name. */
  readonly devices: ReadonlyMap<string, CdiDevice>;
  readonly problems: readonly CdiProblem[];
}

/** Where CDI specs lie unless somebody says otherwise; the later one wins (CDI SPEC.md). */
export const DEFAULT_CDI_DIRECTORIES: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

export type LoadRegistry = (host: DeviceHost, directories?: readonly string[]) => CdiRegistry;
