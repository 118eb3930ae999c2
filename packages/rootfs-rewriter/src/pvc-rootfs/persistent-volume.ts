import { quoted } from '@opencontainers-ts/runtime-spec';
import type { Host } from '../planning/host.js';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';
import type { KubeletVolume } from './kubelet-volume.js';
import { flexDriver } from './why-no-volume.js';

// Volumes that the kubelet fills itself or deletes with the pod (pkg/volume/{emptydir,configmap,secret,projected,
// downwardapi,git_repo} in Kubernetes).
const NOT_PERSISTENT = ['empty-dir', 'configmap', 'secret', 'projected', 'downward-api', 'git-repo'];

// The others of the kubelet's own tree, from Kubernetes 1.14 (which had subpaths of this layout first) on. hostPath is
// not among them: the kubelet mounts nothing for it, and so there is no folder.
export const PERSISTENT_PLUGINS: readonly string[] = [
  ...['csi', 'nfs', 'local-volume', 'iscsi', 'fc', 'rbd', 'cephfs', 'glusterfs', 'quobyte', 'flocker'],
  ...['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'photon-pd', 'portworx-volume', 'scaleio'],
  ...['storageos', 'vsphere-volume'],
];

/** Whether volumes of this plugin outlive the pod; a subpath does not name its plugin, and may. */
export function isPersistentPlugin(plugin: string | undefined): boolean {
  return plugin === undefined || !NOT_PERSISTENT.includes(plugin);
}

/**
 * Why the volume does not outlive its pod, if so. A subpath does not say what volume it is cut from: the pod's
 * `volumes` folder does, where the kubelet mounts each volume whole before it cuts one. A subpath of a hostPath volume
 * looks the same, but is cut from any folder of the node, and nothing of it is there. Of CSI volumes the kubelet keeps
 * `vol_data.json` beside the mount, which tells inline (ephemeral) ones.
 *
 * @param podFolder - `<kubelet root>/pods/<uid>`
 * @throws errno error of the host
 */
export function whyNotPersistent(volume: KubeletVolume, podFolder: string, host: Host): Refuse | undefined {
  const folderOf = (plugin: string) => `${podFolder}/volumes/kubernetes.io~${plugin}/${volume.volume}`;
  const isThere = (plugin: string) => host.lstat(folderOf(plugin)) !== undefined;
  const plugin = volume.kind === 'subpath' ? NOT_PERSISTENT.find(isThere) : volume.plugin;
  if (!isPersistentPlugin(plugin)) {
    return notPersistent(volume, `is of the kind ${quoted(plugin ?? '')}, which is gone when the pod is`);
  }
  if (volume.kind === 'subpath' && !PERSISTENT_PLUGINS.some(isThere)) {
    const driver = flexDriverOf(volume, podFolder, host);
    if (driver !== undefined) {
      return refuse(
        'ERR_VOLUME_LAYOUT',
        `the subpath is of the volume ${quoted(volume.volume)} of the FlexVolume driver ${quoted(driver)}: such volumes are not taken as a root`,
        { volume: volume.volume },
      );
    }
    return refuse(
      'ERR_VOLUME_OUTSIDE_KUBELET',
      `the subpath is of the volume ${quoted(volume.volume)}, which the kubelet has not mounted, as it is with hostPath volumes`,
      { volume: volume.volume },
    );
  }
  return volume.kind === 'volume'
    ? undefined
    : whyNotPersistentCsi(volume, `${folderOf('csi')}/vol_data.json`, host);
}

/** The FlexVolume driver that has mounted a volume of this name for the pod. */
function flexDriverOf({ volume }: KubeletVolume, podFolder: string, host: Host): string | undefined {
  const folder = (host.readDirectory(`${podFolder}/volumes`) ?? []).find(
    (name) =>
      flexDriver(name) !== undefined && host.lstat(`${podFolder}/volumes/${name}/${volume}`) !== undefined,
  );
  return folder === undefined ? undefined : flexDriver(folder);
}

function whyNotPersistentCsi(volume: KubeletVolume, file: string, host: Host): Refuse | undefined {
  const bytes = host.readFile(file);
  // Not every subpath is of a CSI volume, and kubelets before 1.16 wrote no life cycle.
  if (bytes === undefined) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return refuse('ERR_HOST_UNREADABLE', `${quoted(file)} of the kubelet is not JSON`, { path: file });
  }
  const mode =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'volumeLifecycleMode') : undefined;
  return mode === 'Ephemeral'
    ? notPersistent(volume, 'is an ephemeral CSI volume, which is gone when the pod is')
    : undefined;
}

function notPersistent(volume: KubeletVolume, why: string): Refuse {
  return refuse('ERR_VOLUME_NOT_PERSISTENT', `the volume ${quoted(volume.volume)} ${why}`, {
    volume: volume.volume,
  });
}
