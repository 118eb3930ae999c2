import { errorCode, quoted } from '@opencontainers-ts/runtime-spec';
import { whyDead } from '../planning/dead-file-system.js';
import type { FoundFolder, Host, PinnedPath } from '../planning/host.js';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';
import type { RewriterErrorCode } from '../rewriter-error.js';
import { climbs, pathBelow } from '../spec-edit/absolute-path.js';
import type { KubeletVolume } from './kubelet-volume.js';
import type { VolumePlace } from './mounted-volumes.js';
import { whyNotPersistent } from './persistent-volume.js';
import { whyNoKubeletVolume } from './why-no-volume.js';

/** What a new root is checked against. */
export interface RootDemands {
  /** The uid of the container's own pod, where the engine says it. */
  readonly podUid: string | undefined;
  readonly requireMountPoint: boolean;
}

/** How errors of `openat2(2)` are told: the rest are failures of the host. */
const OPEN_FAILURES: ReadonlyMap<string, readonly [RewriterErrorCode, string]> = new Map([
  ['ELOOP', ['ERR_VOLUME_PATH_UNSAFE', 'has a symlink in it']],
  ['EXDEV', ['ERR_VOLUME_PATH_UNSAFE', 'leaves the folder of the volumes']],
  ['ENOENT', ['ERR_VOLUME_MISSING', 'is missing']],
  ['ENOTDIR', ['ERR_VOLUME_NOT_DIRECTORY', 'is not a directory']],
]);

/**
 * Every check that a folder must pass before it is the root of a container, cheapest first.
 *
 * Whether a mount begins there is said of the very folder that is pinned. Where the kernel does not say, the mount
 * table is read after the pin is taken: a volume that is mounted in between then has another inode than the pin.
 *
 * @param source - the path as the spec has it
 * @param place - where it lies
 * @returns the pin of the folder, or a refusal
 * @throws errno error of the host
 */
export function checkRoot(
  source: string,
  place: VolumePlace,
  demands: RootDemands,
  host: Host,
): PinnedPath | Refuse {
  const said = { source, path: place.path };
  if (climbs(source)) {
    return refuse('ERR_VOLUME_PATH_UNSAFE', `the source ${quoted(source)} has ".." in it`, said);
  }
  const { volume } = place;
  if (volume === undefined) {
    const why = place.isHostPath
      ? `lies deeper than the volumes in ${quoted(place.folder)}, which are its direct children`
      : whyNoKubeletVolume(place.path, place.folder);
    return refuse('ERR_VOLUME_LAYOUT', `the source ${quoted(source)} ${why}`, said);
  }
  if (volume.kind !== 'host-path') {
    const podFolder = `${place.folder}/pods/${volume.podUid}`;
    const refused = otherPod(said, volume, demands) ?? whyNotPersistent(volume, podFolder, host);
    if (refused !== undefined) return refused;
  }
  const found = findRoot(source, place, host);
  if (isRefusal(found)) return found;
  const { isMountRoot, ...pin } = found;
  if (volume.kind === 'host-path' || !demands.requireMountPoint) return pin;
  if (isMountRoot ?? host.mountInfo().some(({ mountPoint }) => mountPoint === place.path)) return pin;
  return refuse('ERR_VOLUME_NOT_MOUNTED', `nothing is mounted at ${quoted(place.path)}`, said);
}

function otherPod(
  said: { readonly source: string; readonly path: string },
  volume: KubeletVolume,
  { podUid }: RootDemands,
): Refuse | undefined {
  if (podUid === undefined || podUid === volume.podUid) return undefined;
  return refuse(
    'ERR_VOLUME_OTHER_POD',
    `the source ${quoted(said.source)} is of the pod ${quoted(volume.podUid)}, the container of ${quoted(podUid)}`,
    { ...said, podUid, sourcePodUid: volume.podUid },
  );
}

function findRoot(source: string, { path, folder }: VolumePlace, host: Host): FoundFolder | Refuse {
  const failed = (code: RewriterErrorCode, what: string) =>
    refuse(code, `the source ${quoted(source)} ${what}`, { source, path });
  if (source.includes('\0')) return failed('ERR_VOLUME_PATH_UNSAFE', 'has a NUL character in it');
  try {
    const real = host.realpath(source);
    if (real === undefined) return failed('ERR_VOLUME_MISSING', 'is missing');
    if (real !== path) return failed('ERR_VOLUME_PATH_UNSAFE', `leads through a symlink to ${quoted(real)}`);
  } catch (error) {
    return dead(error, source, path);
  }
  try {
    return { ...host.resolveBeneath(folder, pathBelow(folder, path) ?? '.'), path };
  } catch (error) {
    const known = OPEN_FAILURES.get(errorCode(error) ?? '');
    return known === undefined ? dead(error, source, path) : failed(...known);
  }
}

/** @throws the error itself, where it says anything but that the file system is gone */
function dead(error: unknown, source: string, path: string): Refuse {
  const errno = errorCode(error) ?? '';
  const why = whyDead(errno);
  if (why === undefined) throw error;
  return refuse(
    'ERR_VOLUME_UNREACHABLE',
    `the file system of the volume at ${quoted(source)} does not answer: ${errno}, ${why}`,
    { source, path, errno },
  );
}
