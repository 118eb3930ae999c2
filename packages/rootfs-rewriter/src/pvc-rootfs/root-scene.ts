import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Host } from '../planning/host.js';
import type { ImageChange, RootStrategy } from '../planning/host-action.js';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Call, Pass, Refuse } from '../planning/rule.js';
import { REWRITER_ERROR_CODES, RewriterError } from '../rewriter-error.js';
import { tidyPath } from '../spec-edit/absolute-path.js';
import { type ContainerNames, containerNames } from '../spec-edit/container-names.js';
import { type ContainerSpec, readContainerSpec } from '../spec-edit/container-spec.js';
import { findHostFolder, mountedVolumes } from './mounted-volumes.js';
import { type PodIdentity, podIdentity } from './pod-identity.js';
import type { RootScene } from './volume-root.js';

/** Where volumes lie, and what becomes of one that is to be a root: for every rule that makes one the root. */
export interface VolumeOptions {
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
   * How a volume becomes a root if nothing else says it. `replace`: it is the root. `overlay`: it holds what the container
   * writes over its image. `seed`: it is the root, filled from the image while it is empty. Default `replace`.
   */
  readonly strategy?: RootStrategy;
  /**
   * What is done if the image below an overlay, or that a volume was filled from, is another one than before. Default `warn`.
   */
  readonly imageChange?: ImageChange;
}

/** The same, complete and checked. */
export type VolumeSettings = Required<VolumeOptions>;

/** JSON Pointers of what a rule reads that makes a volume the root. */
export const ROOT_READS: readonly string[] = [
  ...['/annotations', '/root', '/mounts', '/linux/devices'],
  ...['/linux/namespaces', '/linux/uidMappings', '/linux/gidMappings'],
];

/** @throws RewriterError `ERR_RULE_INVALID` for a folder that is not absolute, or is `/` */
export function volumeSettings(rule: string, options: VolumeOptions): VolumeSettings {
  const {
    requireMountPoint = true,
    hostPathFolders = [],
    strategy = 'replace',
    imageChange = 'warn',
  } = options;
  return {
    kubeletRoot: absoluteFolder(rule, 'kubeletRoot', options.kubeletRoot ?? '/var/lib/kubelet'),
    requireMountPoint,
    hostPathFolders: hostPathFolders.map((folder) => absoluteFolder(rule, 'hostPathFolders', folder)),
    strategy,
    imageChange,
  };
}

/** The folder, tidied. */
export function absoluteFolder(rule: string, option: string, folder: string): string {
  const tidy = tidyPath(folder);
  if (folder.startsWith('/') && tidy !== '/' && !tidy.split('/').includes('..')) return tidy;
  const fault = `must be an absolute folder below "/" that has no ".." in it, not ${quoted(folder)}`;
  throw new RewriterError('ERR_RULE_INVALID', `${rule}: ${option} ${fault}`, {
    hint: REWRITER_ERROR_CODES.ERR_RULE_INVALID.hint,
    details: { option, folder, fault },
  });
}

/** A container that is no sandbox, as its spec and its engine describe it. */
export interface Container {
  readonly spec: ContainerSpec;
  readonly identity: PodIdentity;
  readonly names: ContainerNames;
}

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

/** The container; a pass for a sandbox. */
export function readContainer(document: SpecDocument): Container | Pass | Refuse {
  const spec = readContainerSpec(document);
  if (isRefusal(spec)) return spec;
  const identity = podIdentity(spec.annotations);
  if (isRefusal(identity)) return identity;
  if (identity.containerType === 'sandbox') return SANDBOX;
  const names = containerNames(spec.annotations, identity);
  return isRefusal(names) ? names : { spec, identity, names };
}

/**
 * All that is needed to make a volume of the container its root; `ERR_ROOT_MISSING` where it has none.
 * @throws errno error of the host
 */
export function rootScene(
  rule: string,
  document: SpecDocument,
  { spec, identity, names }: Container,
  settings: VolumeSettings,
  call: Call,
  host: Host,
): RootScene | Refuse {
  const { root } = spec;
  if (root === undefined) return refuse('ERR_ROOT_MISSING', 'the spec has no root.path to replace');
  const { kubeletRoot, hostPathFolders, requireMountPoint, imageChange } = settings;
  const folders = {
    kubelet: findHostFolder(kubeletRoot, host),
    hostPath: hostPathFolders.map((folder) => findHostFolder(folder, host)),
  };
  const volumes = mountedVolumes(spec.mounts, folders);
  const demands = { podUid: identity.podUid, requireMountPoint };
  return { rule, document, spec, root, names, folders, volumes, demands, imageChange, call, host };
}
