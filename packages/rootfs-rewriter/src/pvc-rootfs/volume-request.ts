import { quoted } from '@opencontainers-ts/runtime-spec';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Pass, Refuse } from '../planning/rule.js';
import { nearMiss } from '../spec-edit/near-miss.js';
import { differInDigits } from './near-annotation.js';
import type { PodIdentity } from './pod-identity.js';
import { containerKey, containersKey, readVolumeAnnotation } from './volume-annotation.js';

/** What the annotations of a pod ask for one of its containers. */
export interface VolumeRequest {
  readonly value: string;
  /** The annotation that has the value. */
  readonly key: string;
  /** Whether an annotation names this container, or it is one of all that the pod has. */
  readonly isNamed: boolean;
  /** The name of this container, where the engine says it. */
  readonly containerName: string | undefined;
  /** What the operator should know although the container starts. */
  readonly warnings: readonly string[];
}

/** Which container is asked about. */
export interface AskedContainer {
  readonly containerName: string | undefined;
  readonly engine: PodIdentity['engine'];
}

type Annotations = ReadonlyMap<string, string>;

/** The annotations of the rule, read. */
interface Naming {
  /** The value for every container that has none of its own. */
  readonly value: string | undefined;
  /** The containers that it is for; `undefined`: all. */
  readonly list: readonly string[] | undefined;
  readonly own: ReadonlyMap<string, { readonly key: string; readonly value: string }>;
}

/**
 * Annotations are the pod's, a root is a container's: what this container is asked for, if anything. A container that is
 * named by nobody while others are is none of the rule's business; one whose name is not known may be any of them.
 *
 * @returns the request; a pass for a container that others are named beside; a refusal with `ERR_CONTAINER_SELECTOR` or
 *   `ERR_CONTAINER_NAME_UNKNOWN`
 */
export function volumeRequest(
  annotations: Annotations,
  annotation: string,
  asked: AskedContainer,
): VolumeRequest | Pass | Refuse {
  const naming = readNaming(annotations, annotation, asked);
  if (isRefusal(naming)) return naming;
  const { value, list, own } = naming;
  const { containerName } = asked;
  const named = [...new Set([...own.keys(), ...(list ?? [])])];
  if (named.length > 0 && containerName === undefined) {
    return refuse(
      'ERR_CONTAINER_NAME_UNKNOWN',
      `annotations name the container ${namesText(named)}, and the engine does not say which container this is`,
      { named },
    );
  }
  const request = { containerName, warnings: [] };
  const mine = own.get(containerName ?? '');
  if (mine !== undefined) return { ...request, ...mine, isNamed: true };
  const warnings = nameSlips(containerName, named);
  if (value !== undefined && list === undefined) {
    return { ...request, value, key: annotation, isNamed: false, warnings };
  }
  if (value !== undefined && list?.includes(containerName ?? '')) {
    return { ...request, value, key: annotation, isNamed: true };
  }
  return {
    kind: 'pass',
    reason: `the volume is for the container ${namesText(named)}`,
    because: {
      kind: 'failed-condition',
      condition: '/when/containerName',
      expected: named,
      found: containerName ?? null,
    },
    warnings,
  };
}

/** Containers that a message lists. */
const LISTED = 10;

function namesText(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `${names
    .slice(0, LISTED)
    .map((name) => quoted(name))
    .join(', ')}${more}`;
}

function nameSlips(containerName: string | undefined, named: readonly string[]): readonly string[] {
  if (containerName === undefined) return [];
  const meant = nearMiss(
    containerName,
    named.filter((name) => !differInDigits(name, containerName)),
  );
  return meant === undefined
    ? []
    : [
        `the container ${quoted(containerName)} is not the container ${quoted(meant)} that an annotation names: is one of the two misspelt?`,
      ];
}

function readNaming(annotations: Annotations, annotation: string, asked: AskedContainer): Naming | Refuse {
  const own = new Map<string, { readonly key: string; readonly value: string }>();
  for (const [key, value] of annotations) {
    const read = readVolumeAnnotation(annotation, key);
    if (read?.kind !== 'container') continue;
    const fault = nameFault(read.name, asked);
    if (fault !== undefined) return malformed(`the annotation ${quoted(key)} ${fault}`, key);
    const before = own.get(read.name);
    if (before !== undefined && before.value !== value) {
      return malformed(
        `the annotations ${quoted(before.key)} and ${quoted(key)} say different things of one container`,
        key,
      );
    }
    own.set(read.name, { key, value });
  }
  const value = annotations.get(annotation);
  const list = readList(annotations, annotation, asked);
  if (list === undefined) return { value, list, own };
  if (isRefusal(list)) return list;
  const key = containersKey(annotation);
  if (value === undefined) {
    return malformed(`the annotation ${quoted(key)} is there without ${quoted(annotation)}`, key);
  }
  for (const name of list) {
    const said = own.get(name);
    if (said === undefined || said.value === value) continue;
    return malformed(`${quoted(key)} and ${quoted(said.key)} say different things of one container`, key);
  }
  return { value, list, own };
}

function readList(
  annotations: Annotations,
  annotation: string,
  asked: AskedContainer,
): readonly string[] | undefined | Refuse {
  const key = containersKey(annotation);
  const text = annotations.get(key);
  if (text === undefined) return undefined;
  if (text.trim() === '') return malformed(`the annotation ${quoted(key)} names no container`, key);
  const names = text.split(',').map((name) => name.trim());
  const fault = names.map((name) => nameFault(name, asked)).find((found) => found !== undefined);
  return fault === undefined ? names : malformed(`the annotation ${quoted(key)} ${fault}`, key);
}

// Names of containers in Kubernetes (RFC 1123 labels).
const KUBERNETES_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** A name that no container has would keep the volume from the one that was meant. */
function nameFault(name: string, { containerName, engine }: AskedContainer): string | undefined {
  if (name === '') return 'has an empty name of a container';
  if (name === containerName) return undefined;
  const isPossible = engine === 'containerd' || engine === 'cri-o' ? KUBERNETES_NAME.test(name) : true;
  return isPossible && !/[\s\p{Cc}]/u.test(name)
    ? undefined
    : `names ${quoted(name)}, which no container can be called`;
}

function malformed(message: string, annotation: string): Refuse {
  return refuse('ERR_CONTAINER_SELECTOR', message, { annotation });
}

/** How to say which container is meant, for a hint. */
export function namingHint(annotation: string): string {
  return `write ${quoted(containerKey(annotation, 'NAME'))} in place of ${quoted(annotation)}, or ${quoted(`${containersKey(annotation)}: NAME`)} beside it`;
}
