import { DeviceError } from '../device-error.js';
import { isLegacyCudaImage } from '../nvidia-requests.js';
import type { NvidiaSpec } from './container-spec.js';
import type { NvidiaProfile } from './profile.js';

/** The environment of a container; of two entries with one name the last one counts. */
export interface ContainerEnvironment {
  get(name: string): string | undefined;
  readonly names: readonly string[];
  /** Whether the image is of a CUDA that did not say what it requires (8 and before). */
  readonly isLegacyImage: boolean;
}

/**
 * Reads the environment of a container.
 *
 * @throws DeviceError `ERR_NVIDIA_SPEC` for an entry without `=`
 */
export function containerEnvironment({ process }: NvidiaSpec, profile: NvidiaProfile): ContainerEnvironment {
  const values = new Map<string, string>();
  for (const entry of process.env ?? []) {
    const end = entry.indexOf('=');
    if (end === -1) {
      const message = profile === 'current' ? `invalid environment variable: ${entry}` : 'environment error';
      throw new DeviceError('ERR_NVIDIA_SPEC', message, { details: { entry } });
    }
    values.set(entry.slice(0, end), entry.slice(end + 1));
  }
  return {
    get: (name) => values.get(name),
    names: [...values.keys()],
    isLegacyImage: isLegacyCudaImage(values),
  };
}
