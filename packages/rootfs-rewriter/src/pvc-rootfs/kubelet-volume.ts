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
  const parts = pathBelow(kubeletRoot, path)?.split('/') ?? [];
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined;
  const [pods, podUid, area, ...rest] = parts;
  if (pods !== 'pods' || podUid === undefined) return undefined;
  if (area === 'volumes') return parseVolume(podUid, rest);
  if (area === 'volume-subpaths') return parseSubpath(podUid, rest);
  return undefined;
}

function parseVolume(
  podUid: string,
  [folder, volume, ...rest]: readonly string[],
): KubeletVolume | undefined {
  if (folder === undefined || volume === undefined || !folder.startsWith(PLUGIN_PREFIX)) return undefined;
  const plugin = folder.slice(PLUGIN_PREFIX.length);
  if (plugin === '') return undefined;
  if (plugin === 'csi') {
    return rest.length === 1 && rest[0] === 'mount' ? { podUid, kind: 'csi', plugin, volume } : undefined;
  }
  return rest.length === 0 ? { podUid, kind: 'volume', plugin, volume } : undefined;
}

function parseSubpath(podUid: string, parts: readonly string[]): KubeletVolume | undefined {
  const [volume, container, index, ...rest] = parts;
  if (volume === undefined || container === undefined || index === undefined || rest.length > 0)
    return undefined;
  // The kubelet prints the index with strconv.Itoa: no sign, no leading zero.
  if (!/^(0|[1-9][0-9]{0,8})$/.test(index)) return undefined;
  return { podUid, kind: 'subpath', volume, container, index: Number(index) };
}
