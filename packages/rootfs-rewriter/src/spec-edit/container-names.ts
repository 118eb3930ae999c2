import type { Refuse } from '../planning/rule.js';
import { type PodIdentity, podLabel } from '../pvc-rootfs/pod-identity.js';

/** How the engine calls a container and what it belongs to, in its annotations. */
export interface ContainerNames {
  readonly podNamespace?: string | undefined;
  readonly podName?: string | undefined;
  readonly containerName?: string | undefined;
  readonly imageName?: string | undefined;
}

/** The annotations that each name is read from, by engine; podman writes those of CRI-O for `kube play`. */
export const NAME_KEYS: Readonly<Record<keyof ContainerNames, readonly string[]>> = {
  podNamespace: [
    'io.kubernetes.cri.sandbox-namespace',
    'io.kubernetes.cri-o.Labels',
    'io.kubernetes.pod.namespace',
  ],
  podName: ['io.kubernetes.cri.sandbox-name', 'io.kubernetes.cri-o.Labels', 'io.kubernetes.pod.name'],
  containerName: [
    'io.kubernetes.cri.container-name',
    'io.kubernetes.cri-o.Labels',
    'io.kubernetes.container.name',
  ],
  imageName: ['io.kubernetes.cri.image-name', 'io.kubernetes.cri-o.ImageName'],
};

/**
 * The names in the annotations of the engine that {@link PodIdentity} found. CRI-O's `io.kubernetes.cri-o.Namespace`
 * is not looked at: CRI-O writes it for sandboxes only, so that on other containers it is the pod's own word.
 *
 * @returns the names, or a refusal with `ERR_POD_IDENTITY`
 *
 * @example
 * ```ts
 * import { containerNames } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const annotations = new Map([['io.kubernetes.cri.sandbox-name', 'web-0']]);
 * const names = containerNames(annotations, { engine: 'containerd' });
 * console.log('podName' in names && names.podName); // web-0
 * ```
 */
export function containerNames(
  annotations: ReadonlyMap<string, string>,
  { engine }: PodIdentity,
): ContainerNames | Refuse {
  if (engine === 'none') return {};
  if (engine === 'containerd') {
    return {
      podNamespace: annotations.get('io.kubernetes.cri.sandbox-namespace'),
      podName: annotations.get('io.kubernetes.cri.sandbox-name'),
      containerName: annotations.get('io.kubernetes.cri.container-name'),
      imageName: annotations.get('io.kubernetes.cri.image-name'),
    };
  }
  const podNamespace = podLabel(annotations, 'io.kubernetes.pod.namespace');
  if (typeof podNamespace === 'object') return podNamespace;
  const podName = podLabel(annotations, 'io.kubernetes.pod.name');
  if (typeof podName === 'object') return podName;
  const containerName = podLabel(annotations, 'io.kubernetes.container.name');
  if (typeof containerName === 'object') return containerName;
  return {
    podNamespace,
    podName,
    containerName,
    imageName: annotations.get('io.kubernetes.cri-o.ImageName'),
  };
}
