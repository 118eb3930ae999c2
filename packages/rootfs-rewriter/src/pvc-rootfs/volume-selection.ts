import { quoted } from '@opencontainers-ts/runtime-spec';
import type { Host } from '../planning/host.js';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';
import { pathBelow, tidyPath } from '../spec-edit/absolute-path.js';
import type { SpecMount } from '../spec-edit/container-spec.js';
import { nearMiss } from '../spec-edit/near-miss.js';
import { isReadonly } from './mount-options.js';
import { destinationOf, type HostFolder, type MountedVolume, type VolumeFolders } from './mounted-volumes.js';
import { isPersistentPlugin, PERSISTENT_PLUGINS } from './persistent-volume.js';
import { whyNoKubeletVolume } from './why-no-volume.js';

/** What the annotation asks for: a volume by its name, or by where it is mounted. */
export type Selector =
  | { readonly by: 'name'; readonly name: string }
  | { readonly by: 'destination'; readonly destination: string };

/** Volumes that a message lists. */
const LISTED = 20;

/** A value that starts with `/` is a mount destination; no volume's name can. */
export function parseSelector(value: string, annotation: string): Selector | Refuse {
  if (value.trim() === '') {
    const what = value === '' ? 'is empty' : `is ${quoted(value)}, nothing but blanks`;
    return refuse('ERR_VOLUME_SELECTOR', `the value of the annotation ${quoted(annotation)} ${what}`);
  }
  return selectorOf(value);
}

/** The same for a value that says something. */
export function selectorOf(value: string): Selector {
  return value.startsWith('/')
    ? { by: 'destination', destination: tidyPath(value) }
    : { by: 'name', name: value };
}

/**
 * The one mount that the selector means. Names and destinations are compared exactly: a container on the wrong root
 * is worse than one that does not start.
 *
 * @returns the mount; `undefined` when none matches; a refusal when several do, or what matches is no volume
 */
export function selectVolume(
  selector: Selector,
  mounts: readonly SpecMount[],
  volumes: readonly MountedVolume[],
): MountedVolume | undefined | Refuse {
  if (selector.by === 'name') {
    return onlyOne(
      selector,
      volumes.filter(({ place }) => place.volume?.volume === selector.name),
    );
  }
  const there = mounts.filter((mount) => destinationOf(mount) === selector.destination);
  const known = new Map(volumes.map((volume) => [volume.mount.index, volume]));
  const chosen: MountedVolume[] = [];
  for (const mount of there) {
    const volume = known.get(mount.index);
    if (volume === undefined) return noVolume(mount);
    chosen.push(volume);
  }
  return onlyOne(selector, chosen);
}

function noVolume(mount: SpecMount): Refuse {
  const details = { destination: mount.destination, source: mount.source };
  return mount.isBind
    ? refuse(
        'ERR_VOLUME_OUTSIDE_KUBELET',
        `the mount at ${quoted(mount.destination)} has its source ${quoted(mount.source)} outside the folder of the kubelet`,
        details,
      )
    : refuse(
        'ERR_VOLUME_NOT_FOUND',
        `the mount at ${quoted(mount.destination)} is not a bind mount, and so not a volume`,
        details,
      );
}

function onlyOne(selector: Selector, matches: readonly MountedVolume[]): MountedVolume | undefined | Refuse {
  const [first] = matches;
  if (first === undefined) return undefined;
  if (matches.some(({ place }) => place.path !== first.place.path)) {
    return refuse('ERR_VOLUME_AMBIGUOUS', `${wanted(selector)} matches several mounts: ${list(matches)}`, {
      destinations: matches.map(({ mount }) => mount.destination),
    });
  }
  const isFirstReadonly = isReadonly(first.mount.options);
  if (matches.some(({ mount }) => isReadonly(mount.options) !== isFirstReadonly)) {
    return refuse(
      'ERR_VOLUME_AMBIGUOUS',
      `${wanted(selector)} matches a volume that is mounted both read-only and read-write: ${list(matches)}`,
      { destinations: matches.map(({ mount }) => mount.destination) },
    );
  }
  return first;
}

function isUsable({ place: { volume } }: MountedVolume): boolean {
  return volume !== undefined && (volume.kind === 'host-path' || isPersistentPlugin(volume.plugin));
}

/** The refusal for a selector that nothing matches, with what could have been written instead. */
export function nothingSelected(selector: Selector, volumes: readonly MountedVolume[]): Refuse {
  const usable = volumes.filter(isUsable);
  const mounted = `${usable.length === 0 ? 'no volume that could be the root is mounted in this container' : `mounted are ${list(usable)}`}${passedOver(selector, volumes)}`;
  // What to write instead is in the hint of the code.
  const why =
    selector.by === 'name'
      ? '; the claim name appears nowhere in the spec, because the kubelet names its folder after the PersistentVolume'
      : '';
  const message = `${wanted(selector)} matches no mounted volume${meant(selector, usable)}; ${mounted}${why}`;
  return refuse('ERR_VOLUME_NOT_FOUND', message, {
    mounted: usable.map(({ mount, place }) => ({
      volume: place.volume?.volume ?? '',
      destination: mount.destination,
    })),
  });
}

/** Mounts of a kind that is not taken: whoever asked for one should not be told that it is not there. */
function passedOver(selector: Selector, volumes: readonly MountedVolume[]): string {
  const value = selector.by === 'name' ? selector.name : selector.destination;
  const asked = volumes.find(
    ({ place }) => place.volume === undefined && place.path.split('/').includes(value.trim()),
  );
  return asked === undefined || asked.place.isHostPath
    ? ''
    : `; the mount at ${quoted(asked.mount.destination)} ${whyNoKubeletVolume(asked.place.path, asked.place.folder)}`;
}

/** What was probably meant. Never taken for it: see {@link selectVolume}. */
function meant(selector: Selector, usable: readonly MountedVolume[]): string {
  const value = selector.by === 'name' ? selector.name : selector.destination;
  const names = usable.map(({ place }) => place.volume?.volume ?? '');
  const destinations = usable.map(({ mount }) => destinationOf(mount));
  const bare = value.trim();
  if (bare !== value) {
    if (names.includes(bare)) return `: the value has blanks around the name ${quoted(bare)}`;
    if (destinations.includes(bare)) return `: the value has blanks around the destination ${quoted(bare)}`;
  }
  const near = nearMiss(value, selector.by === 'name' ? names : destinations);
  return near === undefined ? '' : `, did you mean ${quoted(near)}?`;
}

/**
 * A block volume is no mount: the kubelet keeps a symlink in the pod's `volumeDevices` folder (that of the CSI
 * plugin and of the in-tree ones), and the engine puts a device node into the container.
 *
 * @throws errno error of the host
 */
export function blockVolume(
  selector: Selector,
  devicePaths: readonly string[],
  kubelet: HostFolder,
  podUid: string | undefined,
  host: Host,
): Refuse | undefined {
  const isBlock =
    selector.by === 'destination'
      ? devicePaths.some((path) => tidyPath(path) === selector.destination)
      : podUid !== undefined &&
        hasVolumeDevice(`${kubelet.real}/pods/${podUid}/volumeDevices`, selector.name, host);
  if (!isBlock) return undefined;
  return refuse('ERR_VOLUME_IS_BLOCK', `${wanted(selector)} is a raw block volume, not a file system`);
}

const BLOCK_PLUGINS = ['csi', 'local-volume', 'iscsi', 'fc', 'rbd'];

function hasVolumeDevice(folder: string, name: string, host: Host): boolean {
  if (!isFolderName(name)) return false;
  return BLOCK_PLUGINS.some(
    (plugin) => host.lstat(`${folder}/kubernetes.io~${plugin}/${name}`) !== undefined,
  );
}

function isFolderName(name: string): boolean {
  if (name.includes('/') || name === '.' || name === '..' || name.includes('\0')) return false;
  // No entry of a folder is longer (NAME_MAX), and a look at one is an error, though the value is merely wrong.
  return new TextEncoder().encode(name).length <= 255;
}

/**
 * Whether a volume of that name is there for the pod, whichever of its containers mount it: the kubelet sets up all of a
 * pod's volumes before it starts the first container. Else the name may be a slip, or that of a claim.
 *
 * @throws errno error of the host
 */
export function isVolumeOfPod(
  name: string,
  { kubelet, hostPath }: VolumeFolders,
  podUid: string | undefined,
  host: Host,
): boolean {
  if (!isFolderName(name)) return false;
  const isThere = (folder: string) => host.lstat(`${folder}/${name}`) !== undefined;
  return (
    hostPath.some(({ real }) => isThere(real)) ||
    (podUid !== undefined &&
      isFolderName(podUid) &&
      PERSISTENT_PLUGINS.some((plugin) =>
        isThere(`${kubelet.real}/pods/${podUid}/volumes/kubernetes.io~${plugin}`),
      ))
  );
}

/**
 * Whether one of the mounts may be the one that a destination was to name: a slip; or a volume that is mounted above it,
 * below it, or under the same last name. Who is wrong here starts a container of data on its image.
 */
export function mayBeMeant(
  destination: string,
  mounts: readonly SpecMount[],
  volumes: readonly MountedVolume[],
): boolean {
  const isSlip = (other: string) => nearMiss(other, [destination]) !== undefined;
  const isRelated = (other: string) =>
    pathBelow(destination, other) !== undefined ||
    pathBelow(other, destination) !== undefined ||
    lastName(other) === lastName(destination);
  return (
    mounts.some((mount) => mount.isBind && isSlip(destinationOf(mount))) ||
    volumes.some((volume) => isUsable(volume) && isRelated(destinationOf(volume.mount)))
  );
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}

function wanted(selector: Selector): string {
  return selector.by === 'name'
    ? `the volume ${quoted(selector.name)}`
    : `the destination ${quoted(selector.destination)}`;
}

function list(volumes: readonly MountedVolume[]): string {
  const listed = volumes
    .slice(0, LISTED)
    .map(({ mount, place }) => `${quoted(place.volume?.volume ?? '')} at ${quoted(mount.destination)}`);
  const more = volumes.length > LISTED ? ` and ${volumes.length - LISTED} more` : '';
  return `${listed.join(', ')}${more}`;
}
