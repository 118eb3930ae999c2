import { pathBelow } from '../spec-edit/absolute-path.js';

/** What a path in the kubelet's folder says about the volume mounted there. */
export interface KubeletVolume {
  readonly podUid: string;
  /**
   * `csi`: `pods/UID/volumes/kubernetes.io~csi/NAME/mount`; `volume`: `pods/UID/volumes/kubernetes.io~PLUGIN/NAME`;
   * `subpath`: `pods/UID/volume-subpaths/NAME/CONTAINER/INDEX`.
   */
  readonly kind: 'csi' | 'volume' | 'subpath';
  /** `csi`, `nfs`, `local-volume`, `empty-dir`, ...; absent for a subpath. */
  readonly plugin?: string;
  /** The name of the PersistentVolume; for a volume defined by the pod, its name in the pod. */
  readonly volume: string;
  /** For a subpath, the container of the volumeMount. */
  readonly container?: string;
  /** For a subpath, the index of the volumeMount in the container's list. */
  readonly index?: number;
}

/** The prefix that every plugin of the kubelet's own tree has in its folder's name; `/` is written `~`. */
const PLUGIN_PREFIX = 'kubernetes.io~';
const CSI = 'kubernetes.io~csi';

/**
 * Parses a path of the kubelet's layout (`pkg/kubelet/kubelet_getters.go`, `pkg/volume/csi`, `pkg/volume/util/subpath` in
 * Kubernetes): exactly these paths, nothing above and nothing below them, because the pod chooses what lies deeper.
 *
 * @param path - absolute, without `.`, `..`, doubled or trailing slashes
 * @param kubeletRoot - the kubelet's `--root-dir`, spelt the same way
 * @returns `undefined` for every other path
 *
 * @example
 * ```ts
 * import { parseKubeletVolume } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const path = '/var/lib/kubelet/pods/u1/volumes/kubernetes.io~nfs/pv-7';
 * console.log(parseKubeletVolume(path, '/var/lib/kubelet')?.volume); // pv-7
 * ```
 */
export function parseKubeletVolume(path: string, kubeletRoot: string): KubeletVolume | undefined {
  return kubeletVolumeAt(pathBelow(kubeletRoot, path)?.split('/') ?? []);
}

/**
 * The same for a path below the kubelet's folder, by its components. By index, here and below: to take an array apart as a
 * pattern takes an interpreter several times as long, and there may be thousands of mounts.
 */
export function kubeletVolumeAt(parts: readonly string[]): KubeletVolume | undefined {
  if (parts[0] !== 'pods' || !isName(parts[1])) return undefined;
  if (parts[2] === 'volumes') return parseVolume(parts[1], parts);
  if (parts[2] === 'volume-subpaths') return parseSubpath(parts[1], parts);
  return undefined;
}

function isName(part: string | undefined): part is string {
  return part !== undefined && part !== '' && part !== '.' && part !== '..';
}

/** `pods/UID/volumes/kubernetes.io~PLUGIN/NAME`, of CSI with `/mount` behind it. */
function parseVolume(podUid: string, parts: readonly string[]): KubeletVolume | undefined {
  const folder = parts[3];
  const volume = parts[4];
  if (folder === undefined || !isName(volume)) return undefined;
  if (folder === CSI) {
    const isWhole = parts.length === 6 && parts[5] === 'mount';
    return isWhole ? { podUid, kind: 'csi', plugin: 'csi', volume } : undefined;
  }
  if (parts.length !== 5 || !folder.startsWith(PLUGIN_PREFIX)) return undefined;
  const plugin = folder.slice(PLUGIN_PREFIX.length);
  return plugin === '' ? undefined : { podUid, kind: 'volume', plugin, volume };
}

/** `pods/UID/volume-subpaths/NAME/CONTAINER/INDEX` */
function parseSubpath(podUid: string, parts: readonly string[]): KubeletVolume | undefined {
  const volume = parts[3];
  const container = parts[4];
  const index = parts[5];
  if (parts.length !== 6 || !isName(volume) || !isName(container) || index === undefined) return undefined;
  // The kubelet prints the index with strconv.Itoa: no sign, no leading zero.
  if (!/^(0|[1-9][0-9]{0,8})$/.test(index)) return undefined;
  return { podUid, kind: 'subpath', volume, container, index: Number(index) };
}
