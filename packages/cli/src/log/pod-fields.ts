import { containerNames, podIdentity } from '@opencontainers-ts/rootfs-rewriter';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';

import type { LogFields } from './format-record.js';

/**
 * What the engine says in its annotations of the container and the pod it belongs to.
 *
 * Docker says nothing: cri-dockerd passes the kubelet's names as labels of Docker's (core/container_create.go), of which none gets
 * into a spec. Where the annotations of two engines contradict each other nobody knows which to believe, so there are no names.
 */
export function podFields(document: SpecDocument): Pick<LogFields, 'namespace' | 'pod' | 'container'> {
  const annotations = textAnnotations(document.value('/annotations'));
  const identity = podIdentity(annotations);
  if ('kind' in identity) return {};
  const names = containerNames(annotations, identity);
  if ('kind' in names) return {};
  return { namespace: names.podNamespace, pod: names.podName, container: names.containerName };
}

/** What is no text is for the rules to complain about. */
function textAnnotations(annotations: unknown): ReadonlyMap<string, string> {
  if (typeof annotations !== 'object' || annotations === null) return new Map();
  const entries = Object.entries(annotations).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return new Map(entries);
}
