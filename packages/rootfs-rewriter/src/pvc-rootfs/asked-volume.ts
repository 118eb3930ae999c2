import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { RootStrategy } from '../planning/host-action.js';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Pass, Refuse } from '../planning/rule.js';
import { tidyPath } from '../spec-edit/absolute-path.js';
import { nearMiss } from '../spec-edit/near-miss.js';
import { destinationOf } from './mounted-volumes.js';
import { ROOT_STRATEGIES } from './root-markers.js';
import type { Container } from './root-scene.js';
import { readVolumeAnnotation, strategyKey } from './volume-annotation.js';
import { type VolumeRequest, volumeRequest } from './volume-request.js';
import { parseSelector, type Selector } from './volume-selection.js';

// A pod asks in two ways: by an annotation, or, where the rule has a destination for that, by a mount. The annotation is the
// pod's, so that it may have to name the container; the mount is the container's own.

/** By what a rule is asked. */
export interface VolumeTriggers {
  readonly annotation: string;
  /** Tidied. */
  readonly volumeDestination: string | undefined;
}

/** What is asked for one container: by its annotations, by a mount, or by both. */
export interface Asked {
  readonly byAnnotation?: { readonly request: VolumeRequest; readonly selector: Selector };
  readonly byMount?: Selector;
  /** How, where an annotation says it. */
  readonly strategy?: RootStrategy;
}

/** The texts of which one is in every document that asks. */
export function triggerTexts({ annotation, volumeDestination }: VolumeTriggers): readonly string[] {
  if (volumeDestination === undefined) return [annotation];
  // However the destination is spelt, `//a/./b/`, what lies between its slashes is there.
  const parts = volumeDestination.split('/');
  return [annotation, parts.reduce((one, other) => (other.length > one.length ? other : one))];
}

/** Whether some reading of the document asks. */
export function asksForVolume(
  document: SpecDocument,
  { annotation, volumeDestination }: VolumeTriggers,
): boolean {
  return (
    annotationKeys(document).some((key) => readVolumeAnnotation(annotation, key) !== undefined) ||
    (volumeDestination !== undefined && mayBeMountedAt(volumeDestination, document))
  );
}

/** The keys in any reading of the annotations. */
function annotationKeys(document: SpecDocument): readonly string[] {
  return document.readings(['annotations']).flatMap((text) => {
    const annotations: unknown = JSON.parse(text);
    return typeof annotations === 'object' && annotations !== null ? Object.keys(annotations) : [];
  });
}

const JSON_STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * Whether some reading of the mounts has that destination. A mount may have the member twice, or in another case: any text in it
 * that names the place counts, and a document in which it is none is passed when it is looked at.
 */
function mayBeMountedAt(destination: string, document: SpecDocument): boolean {
  return document.readings(['mounts']).some((text) => {
    for (const [token] of text.matchAll(JSON_STRING)) {
      if (tidyPath(JSON.parse(token) as string) === destination) return true;
    }
    return false;
  });
}

/**
 * What is asked for this container; a pass where nothing is, or it is asked for another one.
 *
 * @returns or a refusal with `ERR_CONTAINER_SELECTOR`, `ERR_CONTAINER_NAME_UNKNOWN`, `ERR_VOLUME_SELECTOR` or
 *   `ERR_VOLUME_STRATEGY`
 */
export function askedVolume(container: Container, triggers: VolumeTriggers): Asked | Pass | Refuse {
  const byMount = askedByMount(container, triggers);
  const request = askedByAnnotation(container, triggers);
  if (request !== undefined && isRefusal(request)) return request;
  const other = request !== undefined && 'kind' in request ? request : undefined;
  if (byMount === undefined && (request === undefined || other !== undefined)) {
    return other ?? askedNothing(container, triggers);
  }
  const strategy = strategyOf(container, triggers);
  if (strategy !== undefined && typeof strategy === 'object') return strategy;
  const asked = {
    ...(byMount === undefined ? {} : { byMount }),
    ...(strategy === undefined ? {} : { strategy }),
  };
  if (request === undefined || 'kind' in request) return asked;
  const selector = parseSelector(request.value, request.key);
  return isRefusal(selector) ? selector : { ...asked, byAnnotation: { request, selector } };
}

function askedByMount({ spec }: Container, { volumeDestination }: VolumeTriggers): Selector | undefined {
  return volumeDestination !== undefined &&
    spec.mounts.some((mount) => destinationOf(mount) === volumeDestination)
    ? { by: 'destination', destination: volumeDestination }
    : undefined;
}

function askedByAnnotation(
  { spec: { annotations }, identity, names }: Container,
  { annotation }: VolumeTriggers,
): VolumeRequest | Pass | Refuse | undefined {
  const isAsked = [...annotations.keys()].some((key) => {
    const kind = readVolumeAnnotation(annotation, key)?.kind;
    return kind !== undefined && kind !== 'strategy';
  });
  if (!isAsked) return undefined;
  // containerd writes an empty name where it knows none.
  const containerName = names.containerName === '' ? undefined : names.containerName;
  return volumeRequest(annotations, annotation, { containerName, engine: identity.engine });
}

/** Where a mount may ask, the annotation of the pod may be meant for the container that has it. */
function askedNothing(
  { spec: { annotations } }: Container,
  { annotation, volumeDestination }: VolumeTriggers,
): Pass | Refuse {
  const key = strategyKey(annotation);
  return annotations.has(key) && volumeDestination === undefined
    ? refuse('ERR_VOLUME_STRATEGY', `the annotation ${quoted(key)} is there without ${quoted(annotation)}`, {
        annotation: key,
      })
    : { kind: 'pass', reason: 'nothing asks for a volume as the root of this container' };
}

function strategyOf(
  { spec: { annotations } }: Container,
  { annotation }: VolumeTriggers,
): RootStrategy | undefined | Refuse {
  const key = strategyKey(annotation);
  const said = annotations.get(key);
  const known = ROOT_STRATEGIES.find((each) => each === said);
  if (said === undefined || known !== undefined) return known;
  const near = nearMiss(said.trim(), ROOT_STRATEGIES);
  const meant = near === undefined ? '' : `, did you mean ${quoted(near)}?`;
  return refuse(
    'ERR_VOLUME_STRATEGY',
    `the annotation ${quoted(key)} is ${quoted(said)}, which is none of ${ROOT_STRATEGIES.map((each) => quoted(each)).join(', ')}${meant}`,
    { annotation: key, known: ROOT_STRATEGIES },
  );
}
