import type { Mount } from '@opencontainers-ts/runtime-spec';

/** A volume in the kubelet's folder. */
export interface PvcLocation {
  readonly podUid: string;
  /** The name of the PersistentVolume. */
  readonly volume: string;
  /** Default `csi`. */
  readonly plugin?: string;
  /** Container and index of a volumeMount with a `subPath`. */
  readonly subpath?: { readonly container: string; readonly index: number };
  /** Default `/var/lib/kubelet`. */
  readonly kubeletRoot?: string;
}

/**
 * The path at which the kubelet mounts a volume.
 *
 * @example
 * ```ts
 * import { pvcPath } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * console.log(pvcPath({ podUid: 'u1', volume: 'pv-7', plugin: 'nfs' }));
 * // /var/lib/kubelet/pods/u1/volumes/kubernetes.io~nfs/pv-7
 * ```
 */
export function pvcPath({
  podUid,
  volume,
  plugin = 'csi',
  subpath,
  kubeletRoot = '/var/lib/kubelet',
}: PvcLocation): string {
  const pod = `${kubeletRoot}/pods/${podUid}`;
  if (subpath !== undefined) return `${pod}/volume-subpaths/${volume}/${subpath.container}/${subpath.index}`;
  const folder = `${pod}/volumes/kubernetes.io~${plugin}/${volume}`;
  return plugin === 'csi' ? `${folder}/mount` : folder;
}

/**
 * The mount that containerd writes into the spec for a volumeMount.
 *
 * @example
 * ```ts
 * import { pvcMount } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * console.log(pvcMount({ podUid: 'u1', volume: 'pv-7', destination: '/data' }).options); // [ 'rbind', 'rprivate', 'rw' ]
 * ```
 */
export function pvcMount(
  mount: PvcLocation & { readonly destination: string; readonly options?: readonly string[] },
): Mount {
  const { destination, options = ['rbind', 'rprivate', 'rw'] } = mount;
  return { destination, type: 'bind', source: pvcPath(mount), options: [...options] };
}
