import { quoted } from '@opencontainers-ts/runtime-spec';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';

/** What the annotations of the engine say about the pod. */
export interface PodIdentity {
  /** The engine whose annotations were used; `none` if there are none (Docker, ctr, podman outside a pod). */
  readonly engine: 'containerd' | 'cri-o' | 'podman' | 'none';
  readonly containerType?: 'sandbox' | 'container';
  readonly podUid?: string;
}

type Annotations = ReadonlyMap<string, string>;
interface Family {
  readonly type: string | undefined;
  readonly uid: string | undefined;
}

/**
 * Reads the type of the container and the uid of the pod.
 *
 * CRI-O copies every annotation of the pod into the spec, so with CRI-O the pod can set `io.kubernetes.cri.*`, but not
 * `io.kubernetes.cri-o.*` and `io.container.manager`, which CRI-O writes last. containerd passes what its `pod_annotations`
 * lists, and writes `io.kubernetes.cri.*` last. The engine decides which family is used, and a contradiction between the
 * two is a refusal, because one of them is forged.
 *
 * @returns the identity, or a refusal with `ERR_POD_IDENTITY`
 *
 * @example
 * ```ts
 * import { podIdentity } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const annotations = new Map([['io.kubernetes.cri.container-type', 'sandbox']]);
 * console.log(podIdentity(annotations)); // { engine: 'containerd', containerType: 'sandbox' }
 * ```
 */
export function podIdentity(annotations: Annotations): PodIdentity | Refuse {
  const manager = annotations.get('io.container.manager');
  const containerd: Family = {
    type: annotations.get('io.kubernetes.cri.container-type'),
    uid: annotations.get('io.kubernetes.cri.sandbox-uid'),
  };
  const crioUid = podLabel(annotations, 'io.kubernetes.pod.uid');
  if (typeof crioUid === 'object') return crioUid;
  const crio: Family = { type: annotations.get('io.kubernetes.cri-o.ContainerType'), uid: crioUid };
  // podman marks the containers of its pods with CRI-O's keys (pkg/annotations in podman).
  const onCrio = manager === 'cri-o' || (manager === 'libpod' && !isPresent(containerd));
  const [own, other] = onCrio ? [crio, containerd] : [containerd, crio];
  if (contradicts(own.type, other.type)) {
    return refuse('ERR_POD_IDENTITY', conflict('the kind of container', containerd.type, crio.type));
  }
  if (contradicts(own.uid, other.uid)) {
    return refuse('ERR_POD_IDENTITY', conflict('the uid of the pod', containerd.uid, crio.uid));
  }
  if (own.type !== undefined && own.type !== 'sandbox' && own.type !== 'container') {
    return refuse(
      'ERR_POD_IDENTITY',
      `the kind of container is ${quoted(own.type)}, neither sandbox nor container`,
    );
  }
  if (own.uid === '') return refuse('ERR_POD_IDENTITY', 'the uid of the pod is empty');
  return {
    engine: manager === 'cri-o' ? 'cri-o' : isPresent(own) ? (onCrio ? 'podman' : 'containerd') : 'none',
    ...(own.type === undefined ? {} : { containerType: own.type }),
    ...(own.uid === undefined ? {} : { podUid: own.uid }),
  };
}

function isPresent({ type, uid }: Family): boolean {
  return type !== undefined || uid !== undefined;
}

function contradicts(own: string | undefined, other: string | undefined): boolean {
  return other !== undefined && own !== other;
}

function conflict(what: string, containerd: string | undefined, crio: string | undefined): string {
  const said = (value: string | undefined) => (value === undefined ? 'nothing' : quoted(value));
  return `the annotations contradict each other on ${what}: io.kubernetes.cri.* says ${said(containerd)}, those of CRI-O say ${said(crio)}`;
}

/**
 * A label of the container. The kubelet labels every container with the names of its pod; CRI-O writes the labels as
 * annotations and as one JSON.
 */
export function podLabel(annotations: Annotations, key: string): string | undefined | Refuse {
  const label = annotations.get(key);
  const labels = annotations.get('io.kubernetes.cri-o.Labels');
  if (labels === undefined) return label;
  const inLabels = labelIn(labels, key);
  if (typeof inLabels === 'object') return inLabels;
  if (label !== undefined && inLabels !== undefined && label !== inLabels) {
    return refuse(
      'ERR_POD_IDENTITY',
      `${key} says ${quoted(label)}, io.kubernetes.cri-o.Labels says ${quoted(inLabels)}`,
    );
  }
  return inLabels ?? label;
}

function labelIn(json: string, key: string): string | undefined | Refuse {
  const broken = refuse('ERR_POD_IDENTITY', 'io.kubernetes.cri-o.Labels is not a JSON object of strings');
  let labels: unknown;
  try {
    labels = JSON.parse(json);
  } catch {
    // The text comes from the spec; what is wrong with it is in the refusal.
    return broken;
  }
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return broken;
  const value: unknown = Object.hasOwn(labels, key) ? Reflect.get(labels, key) : undefined;
  return value === undefined || typeof value === 'string' ? value : broken;
}
