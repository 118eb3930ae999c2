import { cleanPath } from '../go-path.js';
import { VISIBLE_DEVICES_FOLDER } from '../nvidia-requests.js';
import type { NvidiaMount } from './container-spec.js';
import type { NvidiaProfile } from './profile.js';

/** A mount of /dev/null that asks for a device by its place. */
export interface MountRequest {
  readonly destination: string;
  /** The path below {@link VISIBLE_DEVICES_FOLDER}. */
  readonly name: string;
}

/**
 * What the mounts of a container ask for, in their order. Upstream also takes `/var/run/nvidia-container-devicesGPU0`, which
 * is not below the folder; we do not.
 */
export function mountRequests(
  mounts: readonly NvidiaMount[],
  profile: NvidiaProfile,
): readonly MountRequest[] {
  const below = `${VISIBLE_DEVICES_FOLDER}/`;
  const requests = mounts
    .filter(({ source = '' }) => cleanPath(source) === '/dev/null')
    .map(({ destination }) => cleanPath(destination))
    .filter((destination) => destination.startsWith(below))
    .map((destination) => ({ destination, name: destination.slice(below.length) }));
  if (profile !== 'current') return requests;
  const seen = new Set<string>();
  return requests.filter(({ name }) => !seen.has(name) && seen.add(name));
}
