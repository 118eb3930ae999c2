import { quoted } from '@opencontainers-ts/runtime-spec';
import { defineRule } from '../planning/define-rule.js';
import { ROOT_FOLDER, type RootStrategy } from '../planning/host-action.js';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Outcome, Pass, Refuse, Rule } from '../planning/rule.js';
import { trustedRule } from '../planning/trusted-rule.js';
import { type Asked, askedVolume, asksForVolume, triggerTexts } from './asked-volume.js';
import type { MountedVolume } from './mounted-volumes.js';
import { slipTextsOf } from './near-annotation.js';
import {
  absoluteFolder,
  ROOT_READS,
  readContainer,
  rootScene,
  type VolumeOptions,
  volumeSettings,
} from './root-scene.js';
import { meantVolumeAnnotation } from './volume-annotation.js';
import { namingHint } from './volume-request.js';
import {
  type AskedAgain,
  isMountedReadonly,
  isPutTogether,
  mayBePutTogether,
  nameOf,
  ownMarkers,
  type RootScene,
  rootAgain,
  rootOfVolume,
  whyNotAnew,
  whyNotMounted,
} from './volume-root.js';
import { blockVolume, isVolumeOfPod, mayBeMeant, nothingSelected, selectVolume } from './volume-selection.js';

/** Options of {@link pvcRootfs}. */
export interface PvcRootfsOptions extends VolumeOptions {
  /** The annotation that requests it. Default `sgs.snucse.org/os-volume`. */
  readonly annotation?: string;
  /**
   * The destination of a mount that requests it too: what is mounted there holds what the container writes over its image
   * (`overlay`), unless the annotation `KEY-strategy` says otherwise. Default none.
   */
  readonly volumeDestination?: string;
  /**
   * What happens to a container of an annotated pod that does not mount the volume, if no annotation names the intended
   * container. `refuse`: it does not start, since it may be the intended one. `pass`: it starts on its image, unless it
   * mounts something that may have been intended. Default `refuse`.
   */
  readonly withoutMount?: 'refuse' | 'pass';
}

const NAME = 'pvc-rootfs';

/**
 * The rule that makes a mounted PersistentVolumeClaim the root file system of a container.
 *
 * The value of the annotation is the name of the volume (the PersistentVolume) or, if it starts with `/`, the destination of
 * its mount. The folder must be a volume of the container's own pod, persistent, mounted and free of symlinks. How it becomes
 * the root, the annotation `KEY-strategy` says, KEY being the annotation, or else the options: with `replace` and `seed`
 * its path becomes `root.path`, with `overlay` that is the folder in which the root is put together; the action `mount-root` puts it
 * together. `root.readonly` follows the mount, the mounts of that folder are removed, and annotations record what was
 * done. `KEY.container.NAME` (or `KEY/container.NAME`) instead of the annotation KEY names a container, and so does
 * the list `KEY-containers` beside KEY; then the other containers of the pod pass. With `volumeDestination`, a mount there asks by
 * itself. Sandbox containers pass. A bundle that was rewritten before passes if its root still passes every check, with the same
 * action.
 *
 * @returns the rule; throws {@link RewriterError} `ERR_RULE_INVALID` for an empty annotation or a folder that is not
 *   absolute, or is `/`
 *
 * @example
 * ```ts
 * import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(pvcRootfs({ kubeletRoot: '/data/kubelet' }).triggers[0]); // sgs.snucse.org/os-volume
 * ```
 */
export const pvcRootfs: (options?: PvcRootfsOptions) => Rule = defineRule(
  (options: PvcRootfsOptions = {}) => {
    const { annotation = 'sgs.snucse.org/os-volume', withoutMount = 'refuse' } = options;
    const settings = volumeSettings(NAME, options);
    const volumeDestination =
      options.volumeDestination === undefined
        ? undefined
        : absoluteFolder(NAME, 'volumeDestination', options.volumeDestination);
    const triggers = { annotation, volumeDestination };
    return trustedRule({
      name: NAME,
      triggers: [...triggerTexts(triggers), ROOT_FOLDER],
      reads: ROOT_READS,
      slipTexts: slipTextsOf(annotation),
      meantBy: (key) => meantVolumeAnnotation(annotation, key),
      claims: (document) => asksForVolume(document, triggers) || mayBePutTogether(document),
      evaluate: (document, call, host) => {
        const container = readContainer(document);
        if ('kind' in container) return container;
        const asked = askedVolume(container, triggers);
        const isMade = ownMarkers(container.spec, NAME) !== undefined;
        if ('kind' in asked && (asked.kind === 'refuse' || !isMade)) {
          return whyNotMounted(container.spec) ?? asked;
        }
        const scene = rootScene(NAME, document, container, settings, call, host);
        if (isRefusal(scene)) return scene;
        if ('kind' in asked) return rootAgain(scene, {}) ?? whyNotAnew(scene) ?? asked;
        const { strategy } = settings;
        const outcome = decide({ ...scene, asked, strategy, annotation, withoutMount });
        return withWarnings(outcome, asked.byAnnotation?.request.warnings ?? []);
      },
    });
  },
);

/** All that the steps of one evaluation share. */
interface AskedScene extends RootScene {
  readonly asked: Asked;
  /** That of the configuration. */
  readonly strategy: RootStrategy;
  /** The annotation of the rule, for hints. */
  readonly annotation: string;
  readonly withoutMount: 'refuse' | 'pass';
}

/** What an annotation asks for. */
type AskedByAnnotation = NonNullable<Asked['byAnnotation']>;

function withWarnings(outcome: Outcome, warnings: readonly string[]): Outcome {
  if (outcome.kind === 'refuse' || warnings.length === 0) return outcome;
  return { ...outcome, warnings: [...warnings, ...(outcome.warnings ?? [])] };
}

function decide(scene: AskedScene): Outcome {
  const { asked, spec, volumes } = scene;
  const made = isPutTogether(scene) ? (rootAgain(scene, againOf(asked)) ?? whyNotAnew(scene)) : undefined;
  if (made !== undefined) return made;
  const byMount = asked.byMount && selectVolume(asked.byMount, spec.mounts, volumes);
  if (byMount !== undefined && isRefusal(byMount)) return byMount;
  return asked.byAnnotation === undefined
    ? startedByMount(scene, byMount)
    : decideByAnnotation(scene, asked.byAnnotation, byMount);
}

/** What is known of the volume at a second run, where the mount that was chosen is gone. */
function againOf({ byAnnotation, strategy }: Asked): AskedAgain {
  const selector = byAnnotation?.selector;
  return { name: selector?.by === 'name' ? selector.name : undefined, strategy };
}

function startedByMount(scene: AskedScene, chosen: MountedVolume | undefined): Outcome {
  // The mount that asks is there, and so it is a volume or a refusal.
  if (chosen === undefined) throw new TypeError('nothing is mounted at the destination that asks');
  return rootOfVolume(scene, chosen, scene.asked.strategy ?? 'overlay');
}

function decideByAnnotation(
  scene: AskedScene,
  asked: AskedByAnnotation,
  byMount: MountedVolume | undefined,
): Outcome {
  const { spec, volumes, folders, demands, host } = scene;
  const { selector } = asked;
  const chosen = selectVolume(selector, spec.mounts, volumes);
  if (chosen !== undefined && isRefusal(chosen)) return chosen;
  if (chosen === undefined) {
    const refused =
      rootAgain(scene, againOf(scene.asked)) ??
      whyNotAnew(scene) ??
      blockVolume(selector, spec.devicePaths, folders.kubelet, demands.podUid, host);
    if (refused !== undefined) return refused;
    const without = startedWithout(scene, asked);
    if (without === undefined) return notSelected(scene, asked);
    return byMount === undefined ? without : startedByMount(scene, byMount);
  }
  if (byMount !== undefined) return whyNotBoth(chosen, byMount) ?? startedByMount(scene, byMount);
  return isForAny(asked) ? startedAsAny(scene, asked, chosen) : rootAsConfigured(scene, chosen);
}

function rootAsConfigured(scene: AskedScene, chosen: MountedVolume): Outcome {
  return rootOfVolume(scene, chosen, scene.asked.strategy ?? scene.strategy);
}

/** One container has one root: the annotation and the mount that asks by itself may both be there, for one volume. */
function whyNotBoth(byAnnotation: MountedVolume, byMount: MountedVolume): Refuse | undefined {
  const [one, other] = [byAnnotation, byMount].map(
    ({ place, mount }) => `${quoted(nameOf(place))} at ${quoted(mount.destination)}`,
  );
  const destinations = [byAnnotation.mount.destination, byMount.mount.destination];
  if (byAnnotation.place.path !== byMount.place.path) {
    return refuse(
      'ERR_VOLUME_AMBIGUOUS',
      `the annotation asks for the volume ${one}, and the mount for ${other}`,
      { destinations },
    );
  }
  return isMountedReadonly(byAnnotation) === isMountedReadonly(byMount)
    ? undefined
    : refuse(
        'ERR_VOLUME_AMBIGUOUS',
        `the volume is mounted both read-only and read-write: ${one}, ${other}`,
        { destinations },
      );
}

/** Whether the annotation chooses the root of every container of the pod that mounts the volume, wherever that is. */
function isForAny({ selector, request }: AskedByAnnotation): boolean {
  return selector.by === 'name' && !request.isNamed && request.containerName !== undefined;
}

/** A side-car that saves the volume mounts it as well, at a place of its own, and it is not meant. */
function startedAsAny(scene: AskedScene, { request }: AskedByAnnotation, chosen: MountedVolume): Outcome {
  const { mount, place } = chosen;
  const { annotation } = scene;
  const name = quoted(nameOf(place));
  if (isMountedReadonly(chosen)) {
    const container = request.containerName ?? '';
    return {
      ...refuse(
        'ERR_CONTAINER_NOT_NAMED',
        `the container ${quoted(container)} mounts the volume ${name} read-only, and no annotation says which container of the pod starts on it`,
        { container, destination: mount.destination },
      ),
      hint: `name the container that starts on the volume, even if it is this one: ${namingHint(annotation)}`,
    };
  }
  const warning = `no annotation names a container: each one of the pod that mounts the volume ${name} starts on it, wherever it mounts it; to name one, ${namingHint(annotation)}`;
  return withWarnings(rootAsConfigured(scene, chosen), [warning]);
}

/** With `withoutMount: 'pass'`, the container that certainly is not the one that is meant. */
function startedWithout(
  { withoutMount, volumes, spec, folders, demands, host }: AskedScene,
  { request, selector }: AskedByAnnotation,
): Pass | undefined {
  if (withoutMount !== 'pass' || request.isNamed) return undefined;
  const isOther =
    selector.by === 'name'
      ? isVolumeOfPod(selector.name, folders, demands.podUid, host)
      : !mayBeMeant(selector.destination, spec.mounts, volumes);
  if (!isOther) return undefined;
  const found = spec.mounts.map(({ destination }) => destination);
  const expected = selector.by === 'name' ? selector.name : selector.destination;
  return {
    kind: 'pass',
    reason: 'the container does not mount the volume, and may go without it',
    because: { kind: 'failed-condition', condition: '/when/mount', expected, found },
  };
}

/** The refusal for a container that does not mount what is asked for: it may be another one that is meant. */
function notSelected({ volumes, annotation }: AskedScene, { request, selector }: AskedByAnnotation): Refuse {
  const refused = nothingSelected(selector, volumes);
  if (request.isNamed || request.containerName === undefined) return refused;
  const name = quoted(request.containerName);
  return {
    ...refused,
    hint: `${refused.hint}; or, if the container ${name} is not the one that is meant, ${namingHint(annotation)}, or set volumes.without-mount = "pass"`,
  };
}
