import {
  BOOT_VOLUME,
  BOOT_VOLUME_ACTIVE,
  BOOT_VOLUME_STRATEGY,
  ORIGINAL_ROOT,
  parseKubeletVolume,
  ROOT_FOLDER,
} from '@opencontainers-ts/rootfs-rewriter';
import { type JsonObject, valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

/** A root that outlives its container. */
export interface PersistentRoot {
  /** The folder of the volume on this node. */
  readonly path: string;
  /** What the volume is called wherever it is mounted; its path where that says no name. */
  readonly volume: string;
  /** What is written to the root lies in a folder of the volume, over the image. */
  readonly isOverlay: boolean;
}

/**
 * The volume that the rule `pvc-rootfs` has made the root of the container, as the spec says.
 *
 * Its two annotations can be written by anybody, so nothing that reaches beyond the container may rest on this alone: an
 * action is done only to a folder that a rule has pinned.
 *
 * @returns undefined where the root is no volume
 */
export function persistentRoot(spec: JsonObject): PersistentRoot | undefined {
  const isMarked =
    valueAt(spec, ['annotations', BOOT_VOLUME_ACTIVE]) === 'true' &&
    valueAt(spec, ['annotations', ORIGINAL_ROOT]) !== undefined;
  const root = valueAt(spec, ['root', 'path']);
  // At a second run `root.path` is where the root is put together, and the volume is in an annotation.
  const path = root === ROOT_FOLDER ? valueAt(spec, ['annotations', BOOT_VOLUME]) : root;
  if (!isMarked || typeof path !== 'string' || !path.startsWith('/')) return undefined;
  const isOverlay = valueAt(spec, ['annotations', BOOT_VOLUME_STRATEGY]) === 'overlay';
  return { path, volume: volumeName(path) ?? path, isOverlay };
}

/**
 * A rule is not told where the kubelet's folder is; after some `/pods/` its layout is the same wherever that is. A volume
 * or a container may be called `pods` too, and the kubelet's folder may lie below one.
 */
function volumeName(path: string): string | undefined {
  // PATH_MAX of Linux: no folder has a longer one, and each "/pods/" in it is tried.
  if (path.length > 4096) return undefined;
  for (let at = path.lastIndexOf('/pods/'); at > 0; at = path.lastIndexOf('/pods/', at - 1)) {
    const known = parseKubeletVolume(path, path.slice(0, at));
    if (known !== undefined) return known.volume;
  }
  return undefined;
}
