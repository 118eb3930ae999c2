import type { Host } from '../planning/host.js';
import { lexicalPath, pathBelow, tidyPath } from '../spec-edit/absolute-path.js';
import type { SpecMount } from '../spec-edit/container-spec.js';
import { type KubeletVolume, kubeletVolumeAt, parseKubeletVolume } from './kubelet-volume.js';

/** A folder of the host, as configured and with its symlinks resolved. */
export interface HostFolder {
  readonly given: string;
  readonly real: string;
}

/** Where volumes may lie. */
export interface VolumeFolders {
  /** The kubelet's `--root-dir`. */
  readonly kubelet: HostFolder;
  /** Folders whose direct children are volumes, as those of a hostPath provisioner. */
  readonly hostPath: readonly HostFolder[];
}

/** A volume of a hostPath provisioner: nothing in its path says whose it is. */
interface HostPathVolume {
  readonly kind: 'host-path';
  /** Name of the folder. */
  readonly volume: string;
}

/** A path in one of the folders. */
export interface VolumePlace {
  /** The path, spelt through the folder's real path; what it looks like, not yet what it is. */
  readonly path: string;
  /** Real path of the folder that it lies in. */
  readonly folder: string;
  /** Whether that is the folder of a hostPath provisioner, and not the kubelet's. */
  readonly isHostPath: boolean;
  /** `undefined`: in the folder, but not where a volume lies. */
  readonly volume: KubeletVolume | HostPathVolume | undefined;
}

/** A bind mount whose source looks as if it lay in one of the folders. */
export interface MountedVolume {
  readonly mount: SpecMount;
  readonly place: VolumePlace;
}

/**
 * A folder may be a symlink itself, and engines hand over resolved sources.
 * @throws errno error of the host
 */
export function findHostFolder(given: string, host: Host): HostFolder {
  return { given, real: host.realpath(given) ?? given };
}

/** The bind mounts that may be volumes. By their text only: nothing is looked up on the host. */
export function mountedVolumes(
  mounts: readonly SpecMount[],
  folders: VolumeFolders,
): readonly MountedVolume[] {
  const volumes: MountedVolume[] = [];
  for (const mount of mounts) {
    const place =
      mount.isBind && mount.source.startsWith('/') ? volumePlace(mount.source, folders) : undefined;
    if (place !== undefined) volumes.push({ mount, place });
  }
  return volumes;
}

/** Where in the folders the path lies; `undefined` when it lies in none. */
export function volumePlace(path: string, folders: VolumeFolders): VolumePlace | undefined {
  const { kubelet } = folders;
  // Nearly every one of thousands is the path of a volume, in just these letters.
  const parts = pathBelow(kubelet.real, path)?.split('/');
  const known = parts && kubeletVolumeAt(parts);
  if (known !== undefined) return { path, folder: kubelet.real, isHostPath: false, volume: known };
  const lexical = lexicalPath(path);
  const inKubelet = realPlace(lexical, kubelet);
  if (inKubelet !== undefined) {
    const folder = kubelet.real;
    return { path: inKubelet, folder, isHostPath: false, volume: parseKubeletVolume(inKubelet, folder) };
  }
  for (const hostPath of folders.hostPath) {
    const inFolder = realPlace(lexical, hostPath);
    if (inFolder === undefined) continue;
    const volume = pathBelow(hostPath.real, inFolder) ?? '';
    const known = volume.includes('/') ? undefined : { kind: 'host-path' as const, volume };
    return { path: inFolder, folder: hostPath.real, isHostPath: true, volume: known };
  }
  return undefined;
}

function realPlace(path: string, folder: HostFolder): string | undefined {
  if (pathBelow(folder.real, path) !== undefined) return path;
  const below = pathBelow(folder.given, path);
  return below === undefined ? undefined : `${folder.real}/${below}`;
}

/** How destinations are compared: the runtime takes `mnt`, `/mnt` and `/mnt/` for the same place. */
export function destinationOf(mount: SpecMount): string {
  return tidyPath(mount.destination);
}
