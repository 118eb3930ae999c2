import { quoted } from '@opencontainers-ts/runtime-spec';
import { pathBelow } from '../spec-edit/absolute-path.js';
import { parseKubeletVolume } from './kubelet-volume.js';

/**
 * What a path in the kubelet's folder is that is not the folder of a volume: the end of a sentence that begins with the
 * path.
 *
 * @param path - tidy, in `folder`
 * @param folder - the kubelet's `--root-dir`
 */
export function whyNoKubeletVolume(path: string, folder: string): string {
  const parts = pathBelow(folder, path)?.split('/') ?? [];
  const [area, , kind, plugin = '', name, ...rest] = parts;
  if (area !== 'pods') return 'is what the kubelet keeps for itself, and not the folder of a volume';
  const above = volumeAbove(path, folder);
  if (above !== undefined) {
    return `lies within the volume ${quoted(above)}: only the whole of a volume, or a subPath of it, can be the root`;
  }
  if (kind !== 'volumes' || name === undefined)
    return 'is what the kubelet keeps for the pod, and not the folder of a volume';
  const driver = flexDriver(plugin);
  if (driver !== undefined) {
    const place = rest.length === 0 ? 'is' : 'lies within';
    return `${place} the volume ${quoted(name)} of the FlexVolume driver ${quoted(driver)}: such volumes are not taken as a root`;
  }
  return plugin === 'kubernetes.io~csi'
    ? `is what the kubelet keeps for the CSI volume ${quoted(name)}, whose own folder is the one named "mount" in it`
    : 'is not where the kubelet has the folder of a volume';
}

/**
 * The driver whose volumes lie in a folder of this name: `VENDOR~DRIVER`, where the kubelet's own plugins have
 * `kubernetes.io~PLUGIN` (pkg/volume/flexvolume in Kubernetes).
 */
export function flexDriver(folderName: string): string | undefined {
  const [vendor = '', driver = '', ...more] = folderName.split('~');
  return vendor === '' || vendor === 'kubernetes.io' || driver === '' || more.length > 0
    ? undefined
    : `${vendor}/${driver}`;
}

/** The name of the volume that the path lies in. */
function volumeAbove(path: string, folder: string): string | undefined {
  for (let slash = path.lastIndexOf('/'); slash > folder.length; slash = path.lastIndexOf('/', slash - 1)) {
    const volume = parseKubeletVolume(path.slice(0, slash), folder);
    if (volume !== undefined) return volume.volume;
  }
  return undefined;
}
