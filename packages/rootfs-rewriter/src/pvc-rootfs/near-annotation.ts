import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Rule } from '../planning/rule.js';
import { isTrusted } from '../planning/trusted-rule.js';
import { isNearMiss } from '../spec-edit/near-miss.js';

/** Keys that the warnings of one document name. */
const LISTED = 5;

/**
 * The one of `known` that an annotation was probably meant to be: a slip in its name, in its prefix, or the right name
 * under a prefix that shares half of its labels or is not there. Keys that differ in digits alone are different keys.
 */
export function nearAnnotation(key: string, known: readonly string[]): string | undefined {
  const given = split(key);
  for (const candidate of known) {
    if (key !== candidate && isNear(given, splitOnce(candidate))) return candidate;
  }
  return undefined;
}

interface Key {
  /** With a slash, also if it has none. */
  readonly whole: string;
  readonly prefix: string;
  readonly name: string;
  readonly lowerName: string;
}

function split(text: string): Key {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const prefix = slash === -1 ? '' : text.slice(0, slash);
  return { whole: slash === -1 ? `/${text}` : text, prefix, name, lowerName: name.toLowerCase() };
}

/** Of the annotations of rules, which every annotation of a pod is compared with. */
const knownKeys = new Map<string, Key>();

function splitOnce(text: string): Key {
  const known = knownKeys.get(text) ?? split(text);
  knownKeys.set(text, known);
  return known;
}

function isNear(one: Key, other: Key): boolean {
  if (one.prefix === other.prefix) {
    return isNearMiss(one.name, other.name) && !differInDigits(one.name, other.name);
  }
  if (one.lowerName === other.lowerName) {
    return (
      one.prefix === '' || isNearMiss(one.prefix, other.prefix) || sharesLabels(one.prefix, other.prefix)
    );
  }
  return isNearMiss(one.whole, other.whole);
}

/** `worker-1` and `worker-2`: two things, no slip. */
export function differInDigits(one: string, other: string): boolean {
  return one.replace(/\d+/g, '') === other.replace(/\d+/g, '');
}

function sharesLabels(one: string, other: string): boolean {
  const labels = new Set(one.toLowerCase().split('.'));
  // The last one, `org`, says nothing.
  const wanted = other.toLowerCase().split('.').slice(0, -1);
  return wanted.length > 0 && wanted.filter((label) => labels.has(label)).length * 2 >= wanted.length;
}

/**
 * Texts that a slip in the annotation leaves in a `config.json`: its prefix up to the slash, and its name. A slip in
 * both is not seen, nor is one in a key without a prefix.
 */
export function slipTextsOf(annotation: string): readonly string[] {
  const slash = annotation.indexOf('/');
  const name = annotation.slice(slash + 1);
  // A short name stands in many files.
  return slash <= 0 ? [] : [annotation.slice(0, slash + 1), ...(name.length < SHORTEST_NAME ? [] : [name])];
}

const SHORTEST_NAME = 8;

/**
 * Annotations of the document that no rule knows, but that look like a misspelling of one: a line for each, for the log.
 * Nothing depends on it: the document may be ambiguous.
 *
 * @example
 * ```ts
 * import { annotationSlips, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const document = documentOf(makeSpec(withAnnotation('sgs.snucse.org/os-volumes', '/mnt')));
 * console.log(annotationSlips(document, [pvcRootfs()])[0]);
 * // the annotation "sgs.snucse.org/os-volumes" asks for nothing; did you mean "sgs.snucse.org/os-volume" (rule "pvc-rootfs")?
 * ```
 */
export function annotationSlips(document: SpecDocument, rules: readonly Rule[]): readonly string[] {
  const asked = rules.filter((rule) => isTrusted(rule) && rule.meantBy !== undefined);
  const annotations = document.value('/annotations');
  if (asked.length === 0 || typeof annotations !== 'object' || annotations === null) return [];
  const slips = Object.keys(annotations).flatMap((key) => {
    const meant = asked.map((rule) => ({ rule, annotation: rule.meantBy?.(key) }));
    if (meant.some(({ annotation }) => annotation === key)) return [];
    const found = meant.find(({ annotation }) => annotation !== undefined);
    return found === undefined ? [] : [slipText(key, found.annotation ?? '', found.rule.name)];
  });
  const more = slips.length - LISTED;
  return more > 0 ? [...slips.slice(0, LISTED), `${more} more annotations look like slips`] : slips;
}

function slipText(key: string, meant: string, rule: string): string {
  return `the annotation ${quoted(key)} asks for nothing; did you mean ${quoted(meant)} (rule ${quoted(rule)})?`;
}
