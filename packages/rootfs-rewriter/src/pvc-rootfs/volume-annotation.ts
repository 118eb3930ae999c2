import { nearMiss } from '../spec-edit/near-miss.js';
import { nearAnnotation } from './near-annotation.js';

// Which annotations of a pod speak to `pvc-rootfs`: the key of the rule, for every container; a key for one container,
// in two spellings; the list of the containers that the first is for; and how the volume becomes the root. All of them begin with
// the key of the rule, which therefore is their one trigger text.

/** What one annotation of the pod says. */
export type VolumeAnnotation =
  | { readonly kind: 'value' }
  | { readonly kind: 'containers' }
  | { readonly kind: 'strategy' }
  | { readonly kind: 'container'; readonly name: string };

// Kubernetes allows one slash in a key (a prefix and a name): the dot is for keys that have theirs, the slash is how
// NRI's injectors write it (`devices.nri.io/container.NAME`).
const CONTAINER = ['.container.', '/container.'] as const;
const CONTAINERS = '-containers';
const STRATEGY = '-strategy';

/** The longest name in a key of Kubernetes, behind the prefix (apimachinery, IsQualifiedName). */
const LONGEST_NAME = 63;

/** What the annotation `key` says to a rule whose own is `annotation`; `undefined`: nothing. */
export function readVolumeAnnotation(annotation: string, key: string): VolumeAnnotation | undefined {
  if (key === annotation) return { kind: 'value' };
  if (key === containersKey(annotation)) return { kind: 'containers' };
  if (key === strategyKey(annotation)) return { kind: 'strategy' };
  const spelling = CONTAINER.find((infix) => key.startsWith(`${annotation}${infix}`));
  return spelling && { kind: 'container', name: key.slice(annotation.length + spelling.length) };
}

/** The annotation that says which containers the volume is for. */
export function containersKey(annotation: string): string {
  return `${annotation}${CONTAINERS}`;
}

/** The annotation that says how the volume becomes the root. */
export function strategyKey(annotation: string): string {
  return `${annotation}${STRATEGY}`;
}

/** The annotation for one container, as Kubernetes takes it; the list, where the name is too long for a key. */
export function containerKey(annotation: string, name: string): string {
  const [dot, slash] = CONTAINER;
  const key = `${annotation}${annotation.includes('/') ? dot : slash}${name}`;
  return key.slice(key.indexOf('/') + 1).length <= LONGEST_NAME ? key : containersKey(annotation);
}

/**
 * The annotation that was meant by `key`: itself where it speaks to the rule, else one that it is probably a slip of.
 */
export function meantVolumeAnnotation(annotation: string, key: string): string | undefined {
  if (readVolumeAnnotation(annotation, key) !== undefined) return key;
  const near = nearAnnotation(key, [annotation, containersKey(annotation), strategyKey(annotation)]);
  if (near !== undefined) return near;
  if (!key.startsWith(annotation)) return undefined;
  const rest = key.slice(annotation.length);
  // `KEY.containers.main`, `KEY.conatiner.main`, `KEY-container`
  const [, word = '', name] = /^[^a-z]?([a-z]+)(?:[^a-z0-9]+(.+))?$/i.exec(rest) ?? [];
  if (nearMiss(word, ['container', 'containers']) !== undefined) {
    return name === undefined ? containersKey(annotation) : containerKey(annotation, name);
  }
  // `KEY.strategy`, `KEY-strategy.main`
  if (nearMiss(word, ['strategy']) !== undefined) return strategyKey(annotation);
  // `KEY.main`, `KEY/main`, `KEY.ctr.main`
  const [, bare] = /^[./](?:[^./]+[./])?([^./]+)$/.exec(rest) ?? [];
  return bare === undefined ? undefined : containerKey(annotation, bare);
}
