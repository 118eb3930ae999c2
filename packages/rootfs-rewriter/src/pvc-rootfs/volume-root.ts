import { errorCode, type Operation, quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import { whyDead } from '../planning/dead-file-system.js';
import type { Host, PinnedPath } from '../planning/host.js';
import { type ImageChange, type MountRoot, ROOT_FOLDER, type RootStrategy } from '../planning/host-action.js';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Call, Outcome, Refuse } from '../planning/rule.js';
import { runtimeKind } from '../planning/runtime-kind.js';
import { tidyPath } from '../spec-edit/absolute-path.js';
import type { ContainerNames } from '../spec-edit/container-names.js';
import type { ContainerSpec, SpecMount } from '../spec-edit/container-spec.js';
import { gvisorRootfsHint, gvisorRootfsSource } from './gvisor-rootfs-hint.js';
import { opensRootInStart, rootTooLate } from './gvisor-sub-container.js';
import { imageRoot, whyNotTogether } from './image-root.js';
import { isReadonly, rootOptions } from './mount-options.js';
import { type MountedVolume, type VolumeFolders, type VolumePlace, volumePlace } from './mounted-volumes.js';
import { checkRoot, type RootDemands } from './root-checks.js';
import { rootIdMappings } from './root-id-mappings.js';
import { BOOT_VOLUME_RULE, type RootMarkers, readMarkers } from './root-markers.js';
import { rootPatch, rootPathPatch } from './root-patch.js';
import { rootProgram } from './root-program.js';

// A volume becomes the root of a container: the same checks and the same outcome, whatever rule asks for it.

/** A container whose root a rule may make of a volume. */
export interface RootScene {
  /** The name of the rule. */
  readonly rule: string;
  readonly document: SpecDocument;
  readonly spec: ContainerSpec;
  readonly root: NonNullable<ContainerSpec['root']>;
  readonly names: ContainerNames;
  readonly folders: VolumeFolders;
  readonly volumes: readonly MountedVolume[];
  readonly demands: RootDemands;
  readonly imageChange: ImageChange;
  readonly call: Call;
  readonly host: Host;
}

/** Whether the root is the folder in which roots are put together, so that the spec says nothing of what it is. */
export function isPutTogether({ root }: Pick<ContainerSpec, 'root'>): boolean {
  return root?.path.startsWith('/') === true && tidyPath(root.path) === ROOT_FOLDER;
}

/** The same for some reading of a document. */
export function mayBePutTogether(document: SpecDocument): boolean {
  return document.readings(['root', 'path']).some((text) => {
    const path: unknown = JSON.parse(text);
    return typeof path === 'string' && isPutTogether({ root: { path } });
  });
}

/** Whether some reading of a document says that the rule has put its root together. */
export function isPutTogetherBy(rule: string, document: SpecDocument): boolean {
  return (
    mayBePutTogether(document) &&
    document.readings(['annotations', BOOT_VOLUME_RULE]).some((text) => JSON.parse(text) === rule)
  );
}

/** What the rule did to this bundle before; `undefined` where nothing says so, or another rule did it. */
export function ownMarkers(
  spec: Pick<ContainerSpec, 'annotations' | 'root'>,
  rule: string,
): RootMarkers | undefined {
  const markers = readMarkers(spec.annotations);
  if (markers?.rule !== rule) return undefined;
  return isPutTogether(spec) || markers.folder === spec.root?.path ? markers : undefined;
}

/** The refusal for a root that is put together, and nobody says how: it would be empty. */
export function whyNotMounted(spec: Pick<ContainerSpec, 'annotations' | 'root'>): Refuse | undefined {
  return isPutTogether(spec) && readMarkers(spec.annotations)?.rule === undefined ? notMounted() : undefined;
}

/** The refusal for the folder of roots without one. */
export function notMounted(): Refuse {
  return refuse(
    'ERR_ROOT_NOT_MOUNTED',
    `root.path is ${quoted(ROOT_FOLDER)}, where this program puts roots together, and the annotations of the bundle do not say of what`,
    { path: ROOT_FOLDER },
  );
}

/** The refusal for a root that another rule has made, or that nobody can say anything about. */
export function whyNotAnew(scene: Pick<RootScene, 'spec' | 'root' | 'rule'>): Refuse | undefined {
  const { spec, root, rule } = scene;
  const markers = readMarkers(spec.annotations);
  const maker = markers?.rule;
  if (maker !== undefined && maker !== rule && (isPutTogether(scene) || markers?.folder === root.path)) {
    return refuse(
      'ERR_RULE_CONFLICT',
      `rules ${quoted(maker)} and ${quoted(rule)} both put the root together`,
      { rules: [maker, rule], path: '/root/path' },
    );
  }
  return isPutTogether(scene) ? notMounted() : undefined;
}

/** Makes the volume that was chosen the root, if it passes every check. */
export function rootOfVolume(scene: RootScene, chosen: MountedVolume, strategy: RootStrategy): Outcome {
  const { rule, document, spec, root, volumes, demands, call, host } = scene;
  const { mount, place } = chosen;
  const name = nameOf(place);
  const anew = whyNotAnew(scene);
  if (anew !== undefined) return anew;
  const mapped = rootIdMappings(spec, name, mount);
  if (isRefusal(mapped)) return mapped;
  const options = checkOptions(mount, name, strategy);
  if (isRefusal(options)) return options;
  const late = whyTooLate(scene, { ...mapped, strategy });
  if (late !== undefined) return late;
  const { readonly, dropped } = options;
  const pin = checkRoot(mount.source, place, demands, host);
  if (isRefusal(pin)) return pin;
  const image = imageRoot(root.path, call, host);
  const apart = whyNotTogether(image, pin.path, strategy);
  if (apart !== undefined) return apart;
  const path = strategy === 'overlay' ? ROOT_FOLDER : pin.path;
  const hint = runtimeKind(call.runtime) === 'runsc' ? gvisorRootfsHint(spec.annotations, path) : [];
  if (isRefusal(hint)) return hint;
  const made = { originalRoot: root.path, folder: pin.path, strategy, rule, image, target: ROOT_FOLDER };
  const removedMounts = mountsOf(pin.path, volumes, host);
  const isAnnotated = (document.value('/annotations') ?? null) !== null;
  const removed = new Set(removedMounts);
  const mounts = spec.mounts.filter(({ index }) => !removed.has(index));
  const action = mountRoot(scene, { ...mapped, strategy, pin, name, image, readonly, path, mounts });
  return {
    kind: 'rewrite',
    note: `root is ${NOTES[strategy](quoted(name), quoted(mount.destination))}`,
    patch: [...rootPatch(root, { ...made, path, readonly, removedMounts, isAnnotated }), ...hint],
    pins: [pin],
    actions: [action],
    warnings: warningsOf(name, dropped, root.readonly === true && !readonly),
    facts: { volume: name, destination: mount.destination, newRoot: pin.path, strategy },
  };
}

const NOTES: Readonly<Record<RootStrategy, (volume: string, destination: string) => string>> = {
  replace: (volume, destination) => `the volume ${volume} that was mounted at ${destination}`,
  overlay: (volume, destination) =>
    `an overlay of the image and the volume ${volume} that was mounted at ${destination}`,
  seed: (volume, destination) =>
    `the volume ${volume} that was mounted at ${destination}, filled from the image while it is empty`,
};

function checkOptions(
  { options }: SpecMount,
  name: string,
  strategy: RootStrategy,
): { readonly readonly: boolean; readonly dropped: readonly string[] } | Refuse {
  const { readonly, refused, dropped } = rootOptions(options);
  if (refused.length > 0) {
    return refuse('ERR_VOLUME_OPTIONS', `the volume ${quoted(name)} is mounted with ${refused.join(', ')}`, {
      options: refused,
    });
  }
  return readonly && strategy !== 'replace'
    ? refuse(
        'ERR_VOLUME_READONLY',
        `the volume ${quoted(name)} is mounted read-only, and the strategy ${quoted(strategy)} has to write it`,
        { volume: name, strategy },
      )
    : { readonly, dropped };
}

/** What the caller knows of the volume that is asked for at a second run. */
export interface AskedAgain {
  /** Its name, if it was asked for by that. */
  readonly name?: string | undefined;
  /** How it is to become the root, if the pod says it. */
  readonly strategy?: RootStrategy | undefined;
}

/**
 * The second run over a bundle, as a retry of the engine makes it. Anybody can write the markers; they only say where to look,
 * and the root is checked as if it were chosen now. The mount of the first run ended with it, so it is asked for again.
 *
 * @returns `undefined` when the bundle does not look as this rule would have left it
 * @throws errno error of the host
 */
export function rootAgain(scene: RootScene, asked: AskedAgain): Outcome | undefined {
  const { rule, spec, root, folders, demands, call, host } = scene;
  const markers = readMarkers(spec.annotations);
  if (markers === undefined || (markers.rule ?? rule) !== rule) return undefined;
  const { strategy } = markers;
  const folder = isPutTogether(scene) ? markers.folder : root.path;
  const place = folder?.startsWith('/') === true ? volumePlace(folder, folders) : undefined;
  if (folder === undefined || place?.volume === undefined || place.path !== folder) return undefined;
  if ((markers.folder ?? folder) !== folder) return undefined;
  if (strategy === 'overlay' && !isPutTogether(scene)) return undefined;
  const name = nameOf(place);
  if (asked.name !== undefined && asked.name !== name) return undefined;
  if (asked.strategy !== undefined && asked.strategy !== strategy) {
    return refuse(
      'ERR_VOLUME_STRATEGY',
      `the volume ${quoted(name)} was made the root by the strategy ${quoted(strategy)}, and is now asked for as ${quoted(asked.strategy)}`,
      { was: strategy, asked: asked.strategy },
    );
  }
  const mapped = rootIdMappings(spec, name);
  if (isRefusal(mapped)) return mapped;
  const late = whyTooLate(scene, { ...mapped, strategy });
  if (late !== undefined) return late;
  const pin = checkRoot(folder, place, demands, host);
  if (isRefusal(pin)) return pin;
  const image = imageRoot(markers.originalRoot, call, host);
  const apart = whyNotTogether(image, pin.path, strategy);
  if (apart !== undefined) return apart;
  const path = isPutTogether(scene) ? ROOT_FOLDER : pin.path;
  const hint = runtimeKind(call.runtime) === 'runsc' ? gvisorRootfsHint(spec.annotations, path) : [];
  if (isRefusal(hint)) return hint;
  const readonly = root.readonly ?? false;
  const again = {
    pins: [pin],
    actions: [
      mountRoot(scene, { ...mapped, strategy, pin, name, image, readonly, path, mounts: spec.mounts }),
    ],
  };
  return hint.length === 0
    ? { kind: 'pass', reason: 'already rewritten', ...again }
    : { kind: 'rewrite', note: 'already rewritten; rootfs hint for gVisor added', patch: hint, ...again };
}

/** What a runtime that opens the root in a later call rules out: whatever is not a folder that has a path then. */
function whyTooLate(
  scene: RootScene,
  { strategy, idMappings }: Pick<MountRoot, 'strategy' | 'idMappings'>,
): Refuse | undefined {
  if (!opensRootInStart(scene.spec.annotations, scene.call)) return undefined;
  const isMounted = strategy === 'overlay' || idMappings !== undefined || isPutTogether(scene);
  return isMounted ? rootTooLate(strategy, idMappings !== undefined) : undefined;
}

interface NewMount extends Pick<MountRoot, 'strategy' | 'image' | 'readonly' | 'idMappings'> {
  readonly pin: PinnedPath;
  readonly name: string;
  /** `root.path` of the document when the action is done. */
  readonly path: string;
  /** The mounts that stay. */
  readonly mounts: readonly SpecMount[];
}

function mountRoot(
  { document, spec, names, imageChange, call }: RootScene,
  { strategy, pin, name, image, readonly, idMappings, path, mounts }: NewMount,
): MountRoot {
  const program = rootProgram(document, mounts);
  const { imageName } = names;
  const isByPath = path !== ROOT_FOLDER;
  const isLate = opensRootInStart(spec.annotations, call);
  return {
    kind: 'mount-root',
    strategy,
    root: pin.path,
    volume: name,
    target: ROOT_FOLDER,
    image,
    ...(imageName === undefined || imageName === '' ? {} : { imageName }),
    imageChange,
    readonly,
    ...(program === undefined ? {} : { program }),
    ...(idMappings === undefined ? {} : { idMappings }),
    user: userOf(names, call),
    onceMounted: isByPath && !isLate ? onceMounted(call) : [],
    // Ids that are not mapped make a root of nobody's files.
    otherwise: isByPath && idMappings === undefined ? 'use-path' : 'refuse',
    ...(isLate ? { byPath: true } : {}),
  };
}

function onceMounted({ runtime }: Call): readonly Operation[] {
  const root = rootPathPatch(ROOT_FOLDER);
  return runtimeKind(runtime) === 'runsc' ? [root, gvisorRootfsSource(ROOT_FOLDER)] : [root];
}

function userOf({ podNamespace, podName, containerName }: ContainerNames, { bundle }: Call): string {
  const known = [podNamespace, podName, containerName].filter((name) => name !== undefined && name !== '');
  return known.length === 0 ? bundle : known.join('/');
}

/** What a volume is called: the PersistentVolume, or the folder of a hostPath provisioner. */
export function nameOf(place: VolumePlace): string {
  return place.volume?.volume ?? place.path;
}

/** Whether the volume is mounted so that the container cannot write it. */
export function isMountedReadonly({ mount }: MountedVolume): boolean {
  return isReadonly(mount.options);
}

/** Places of the mounts whose source is that folder, however it is spelt. */
function mountsOf(path: string, volumes: readonly MountedVolume[], host: Host): number[] {
  const found: number[] = [];
  for (const { mount } of volumes) {
    if (realSource(mount.source, host) === path) found.push(mount.index);
  }
  return found;
}

/** A source that is dead or cannot be is not the folder, which was just opened; what is to become of it is for the runtime. */
function realSource(source: string, host: Host): string | undefined {
  try {
    return host.realpath(source);
  } catch (error) {
    const code = errorCode(error);
    const isNoPath = code === 'ENAMETOOLONG' || source.includes('\0');
    if (!isNoPath && whyDead(code) === undefined) throw error;
    return undefined;
  }
}

function warningsOf(name: string, dropped: readonly string[], becomesWritable: boolean): string[] {
  const lost = dropped.map(
    (option) => `the root does not carry the mount option ${quoted(option)} of the volume ${quoted(name)}`,
  );
  return becomesWritable
    ? [
        ...lost,
        `root.readonly was true and is false now, as the volume ${quoted(name)} is mounted read-write`,
      ]
    : lost;
}
