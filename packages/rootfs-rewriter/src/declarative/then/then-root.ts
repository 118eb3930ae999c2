import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { RootEdit } from '../../generated/rule-definition.js';
import type { Host } from '../../planning/host.js';
import { isRefusal } from '../../planning/refuse.js';
import type { Call, Outcome } from '../../planning/rule.js';
import { readContainer, rootScene, type VolumeSettings } from '../../pvc-rootfs/root-scene.js';
import { isPutTogether, rootAgain, rootOfVolume, whyNotAnew } from '../../pvc-rootfs/volume-root.js';
import { blockVolume, nothingSelected, selectorOf, selectVolume } from '../../pvc-rootfs/volume-selection.js';

/**
 * Makes a volume the root, as `pvc-rootfs` does. No edit of the spec as a value, as the other members of `then` are: what is to be
 * mounted, and the paths that this depends on, are part of the outcome.
 *
 * @param rule - its name
 * @throws errno error of the host
 */
export function rootOutcome(
  rule: string,
  { volume, strategy, imageChange }: RootEdit,
  settings: VolumeSettings,
  document: SpecDocument,
  call: Call,
  host: Host,
): Outcome {
  const container = readContainer(document);
  if ('kind' in container) return container;
  const own = { ...settings, imageChange: imageChange ?? settings.imageChange };
  const scene = rootScene(rule, document, container, own, call, host);
  if (isRefusal(scene)) return scene;
  const selector = selectorOf(volume);
  const { spec, volumes, folders, demands } = scene;
  const again = () =>
    rootAgain(scene, { name: selector.by === 'name' ? selector.name : undefined }) ?? whyNotAnew(scene);
  const made = isPutTogether(scene) ? again() : undefined;
  if (made !== undefined) return made;
  const chosen = selectVolume(selector, spec.mounts, volumes);
  if (chosen === undefined) {
    return (
      again() ??
      blockVolume(selector, spec.devicePaths, folders.kubelet, demands.podUid, host) ??
      nothingSelected(selector, volumes)
    );
  }
  return isRefusal(chosen) ? chosen : rootOfVolume(scene, chosen, strategy ?? settings.strategy);
}
