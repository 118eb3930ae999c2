import { errorCode, quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import { whyDead } from '../planning/dead-file-system.js';
import { defineRule } from '../planning/define-rule.js';
import type { Host } from '../planning/host.js';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Call, Outcome, Pass, Refuse, Rule } from '../planning/rule.js';
import { runtimeKind } from '../planning/runtime-kind.js';
import { trustedRule } from '../planning/trusted-rule.js';
import { REWRITER_ERROR_CODES, RewriterError } from '../rewriter-error.js';
import { tidyPath } from '../spec-edit/absolute-path.js';
import { containerNames } from '../spec-edit/container-names.js';
import { type ContainerSpec, readContainerSpec } from '../spec-edit/container-spec.js';
import { gvisorRootfsHint } from './gvisor-rootfs-hint.js';
import { isReadonly, rootOptions } from './mount-options.js';
import {
  findHostFolder,
  type MountedVolume,
  mountedVolumes,
  type VolumeFolders,
  volumePlace,
} from './mounted-volumes.js';
import { podIdentity } from './pod-identity.js';
import { checkRoot, type RootDemands } from './root-checks.js';
import { BOOT_VOLUME_ACTIVE, ORIGINAL_ROOT, rootPatch } from './root-patch.js';
import { meantVolumeAnnotation, readVolumeAnnotation, slipTexts } from './volume-annotation.js';
import { namingHint, type VolumeRequest, volumeRequest } from './volume-request.js';
import {
  blockVolume,
  isVolumeOfPod,
  mayBeMeant,
  nothingSelected,
  parseSelector,
  type Selector,
  selectVolume,
} from './volume-selection.js';

/** Options of {@link pvcRootfs}. */
export interface PvcRootfsOptions {
  /** The annotation that requests it. Default `sgs.snucse.org/os-volume`. */
  readonly annotation?: string;
  /** The kubelet's `--root-dir`. Default `/var/lib/kubelet`. */
  readonly kubeletRoot?: string;
  /**
   * Whether to refuse a volume of the kubelet if nothing is mounted there: writes would go to the disk of the node. Default
   * true.
   */
  readonly requireMountPoint?: boolean;
  /**
   * Folders of hostPath provisioners (such as `/opt/local-path-provisioner`) whose direct children may be a root.
   * Nothing in such a path says which pod it belongs to, and it need not be a mount point: every pod that may use
   * hostPath volumes can start on every child. Default none.
   */
  readonly hostPathFolders?: readonly string[];
  /**
   * What happens to a container of an annotated pod that does not mount the volume, if no annotation names the intended
   * container. `refuse`: it does not start, since it may be the intended one. `pass`: it starts on its image, unless it
   * mounts something that may have been intended. Default `refuse`.
   */
  readonly withoutMount?: 'refuse' | 'pass';
}

type Root = NonNullable<ContainerSpec['root']>;

/** All that the steps of one evaluation share. */
interface Scene {
  readonly spec: ContainerSpec;
  readonly root: Root;
  readonly request: VolumeRequest;
  readonly selector: Selector;
  readonly folders: VolumeFolders;
  readonly volumes: readonly MountedVolume[];
  readonly demands: RootDemands;
  /** The annotation of the rule, for hints. */
  readonly annotation: string;
  readonly withoutMount: 'refuse' | 'pass';
  readonly call: Call;
  readonly host: Host;
}

/**
 * The rule that makes a mounted PersistentVolumeClaim the root file system of a container.
 *
 * The value of the annotation is the name of the volume (the PersistentVolume) or, if it starts with `/`, the destination of
 * its mount. The folder must be a volume of the container's own pod, persistent, mounted and free of symlinks. Its path
 * becomes `root.path`, `root.readonly` follows the mount, the mounts of that folder are removed, and two annotations record
 * what was done. `KEY.container.NAME` (or `KEY/container.NAME`) instead of the annotation KEY names a container, and so does
 * the list `KEY-containers` beside KEY; then the other containers of the pod pass. Sandbox containers pass. A bundle that
 * was rewritten before passes if its root still passes every check.
 *
 * @returns the rule; throws {@link RewriterError} `ERR_RULE_INVALID` for an empty annotation or a folder that is not
 *   absolute, or is `/`
 *
 * @example
 * ```ts
 * import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(pvcRootfs({ kubeletRoot: '/data/kubelet' }).triggers); // [ 'sgs.snucse.org/os-volume' ]
 * ```
 */
export const pvcRootfs: (options?: PvcRootfsOptions) => Rule = defineRule(
  (options: PvcRootfsOptions = {}) => {
    const { annotation = 'sgs.snucse.org/os-volume', requireMountPoint = true } = options;
    const { withoutMount = 'refuse' } = options;
    const kubeletRoot = absoluteFolder('kubeletRoot', options.kubeletRoot ?? '/var/lib/kubelet');
    const hostPathFolders = (options.hostPathFolders ?? []).map((folder) =>
      absoluteFolder('hostPathFolders', folder),
    );
    return trustedRule({
      name: 'pvc-rootfs',
      triggers: [annotation],
      reads: ['/annotations', '/root', '/mounts', '/linux/devices'],
      slipTexts: slipTexts(annotation),
      meantBy: (key) => meantVolumeAnnotation(annotation, key),
      claims: (document) =>
        annotationKeys(document).some((key) => readVolumeAnnotation(annotation, key) !== undefined),
      evaluate: (document, call, host) => {
        const spec = readContainerSpec(document);
        if (isRefusal(spec)) return spec;
        const identity = podIdentity(spec.annotations);
        if (isRefusal(identity)) return identity;
        if (identity.containerType === 'sandbox') return SANDBOX;
        const names = containerNames(spec.annotations, identity);
        if (isRefusal(names)) return names;
        // containerd writes an empty name where it knows none.
        const containerName = names.containerName === '' ? undefined : names.containerName;
        const asked = { containerName, engine: identity.engine };
        const request = volumeRequest(spec.annotations, annotation, asked);
        if ('kind' in request) return request;
        const selector = parseSelector(request.value, request.key);
        if (isRefusal(selector)) return selector;
        if (spec.root === undefined)
          return refuse('ERR_ROOT_MISSING', 'the spec has no root.path to replace');
        const folders = {
          kubelet: findHostFolder(kubeletRoot, host),
          hostPath: hostPathFolders.map((folder) => findHostFolder(folder, host)),
        };
        const volumes = mountedVolumes(spec.mounts, folders);
        const demands = { podUid: identity.podUid, requireMountPoint };
        const scene = { spec, root: spec.root, request, selector, folders, volumes, demands, call, host };
        return withWarnings(decide({ ...scene, annotation, withoutMount }), request.warnings);
      },
    });
  },
);

/** A pod's sandbox carries the annotations of its pod, and has no volume. */
const SANDBOX: Pass = {
  kind: 'pass',
  reason: 'sandbox container',
  because: {
    kind: 'failed-condition',
    condition: '/when/containerType',
    expected: 'container',
    found: 'sandbox',
  },
};

function absoluteFolder(option: string, folder: string): string {
  const tidy = tidyPath(folder);
  if (folder.startsWith('/') && tidy !== '/' && !tidy.split('/').includes('..')) return tidy;
  const fault = `must be an absolute folder below "/" that has no ".." in it, not ${quoted(folder)}`;
  throw new RewriterError('ERR_RULE_INVALID', `pvc-rootfs: ${option} ${fault}`, {
    hint: REWRITER_ERROR_CODES.ERR_RULE_INVALID.hint,
    details: { option, folder, fault },
  });
}

/** The keys in any reading of the annotations. */
function annotationKeys(document: SpecDocument): readonly string[] {
  return document.readings(['annotations']).flatMap((text) => {
    const annotations: unknown = JSON.parse(text);
    return typeof annotations === 'object' && annotations !== null ? Object.keys(annotations) : [];
  });
}

function withWarnings(outcome: Outcome, warnings: readonly string[]): Outcome {
  if (outcome.kind === 'refuse' || warnings.length === 0) return outcome;
  return { ...outcome, warnings: [...warnings, ...(outcome.warnings ?? [])] };
}

function decide(scene: Scene): Outcome {
  const { spec, selector, volumes, folders, demands, host } = scene;
  const chosen = selectVolume(selector, spec.mounts, volumes);
  if (chosen === undefined) {
    return (
      alreadyRewritten(scene) ??
      blockVolume(selector, spec.devicePaths, folders.kubelet, demands.podUid, host) ??
      startedWithout(scene) ??
      notSelected(scene)
    );
  }
  if (isRefusal(chosen)) return chosen;
  return isForAny(scene) ? startedAsAny(scene, chosen) : rewrite(scene, chosen);
}

/** Whether the annotation chooses the root of every container of the pod that mounts the volume, wherever that is. */
function isForAny({ selector, request }: Scene): boolean {
  return selector.by === 'name' && !request.isNamed && request.containerName !== undefined;
}

/** A side-car that saves the volume mounts it as well, at a place of its own, and it is not meant. */
function startedAsAny(scene: Scene, chosen: MountedVolume): Outcome {
  const { mount } = chosen;
  const { request, annotation } = scene;
  const name = quoted(nameOf(chosen));
  if (isReadonly(mount.options)) {
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
  return withWarnings(rewrite(scene, chosen), [warning]);
}

/** With `withoutMount: 'pass'`, the container that certainly is not the one that is meant. */
function startedWithout({
  request,
  selector,
  withoutMount,
  volumes,
  spec,
  folders,
  demands,
  host,
}: Scene): Pass | undefined {
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
function notSelected({ request, selector, volumes, annotation }: Scene): Refuse {
  const refused = nothingSelected(selector, volumes);
  if (request.isNamed || request.containerName === undefined) return refused;
  const name = quoted(request.containerName);
  return {
    ...refused,
    hint: `${refused.hint}; or, if the container ${name} is not the one that is meant, ${namingHint(annotation)}, or set volumes.without-mount = "pass"`,
  };
}

function rewrite({ spec, root, volumes, demands, call, host }: Scene, chosen: MountedVolume): Outcome {
  const { mount, place } = chosen;
  const name = nameOf(chosen);
  if (mount.isIdMapped) {
    return refuse('ERR_VOLUME_IDMAPPED', `the volume ${quoted(name)} is mounted with id mappings`);
  }
  const { readonly, refused, dropped } = rootOptions(mount.options);
  if (refused.length > 0) {
    return refuse('ERR_VOLUME_OPTIONS', `the volume ${quoted(name)} is mounted with ${refused.join(', ')}`, {
      options: refused,
    });
  }
  const pin = checkRoot(mount.source, place, demands, host);
  if (isRefusal(pin)) return pin;
  const hint = runtimeKind(call.runtime) === 'runsc' ? gvisorRootfsHint(spec.annotations, pin.path) : [];
  if (isRefusal(hint)) return hint;
  const removedMounts = mountsOf(pin.path, volumes, host);
  return {
    kind: 'rewrite',
    note: `root is the volume ${quoted(name)} that was mounted at ${quoted(mount.destination)}`,
    patch: [...rootPatch(root, { path: pin.path, readonly, removedMounts }), ...hint],
    pins: [pin],
    warnings: warningsOf(name, dropped, root.readonly === true && !readonly),
    facts: { volume: name, destination: mount.destination, newRoot: pin.path },
  };
}

function nameOf({ place }: MountedVolume): string {
  return place.volume?.volume ?? place.path;
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

/**
 * The second run over a bundle, as a retry of the engine makes it. Anybody can write the markers; they only say
 * where to look, and the root is checked as if it were chosen now.
 *
 * @returns `undefined` when the bundle does not look rewritten
 */
function alreadyRewritten({
  spec,
  root,
  selector,
  folders,
  demands,
  call,
  host,
}: Scene): Outcome | undefined {
  const { annotations } = spec;
  if (!annotations.has(ORIGINAL_ROOT) || annotations.get(BOOT_VOLUME_ACTIVE) !== 'true') return undefined;
  const place = root.path.startsWith('/') ? volumePlace(root.path, folders) : undefined;
  if (place?.volume === undefined || place.path !== root.path) return undefined;
  if (selector.by === 'name' && place.volume.volume !== selector.name) return undefined;
  const pin = checkRoot(root.path, place, demands, host);
  if (isRefusal(pin)) return pin;
  const hint = runtimeKind(call.runtime) === 'runsc' ? gvisorRootfsHint(annotations, pin.path) : [];
  if (isRefusal(hint)) return hint;
  return hint.length === 0
    ? { kind: 'pass', reason: 'already rewritten', pins: [pin] }
    : { kind: 'rewrite', note: 'already rewritten; rootfs hint for gVisor added', patch: hint, pins: [pin] };
}
