import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Rule } from '../planning/rule.js';
import { isTrusted } from '../planning/trusted-rule.js';
import { nearMiss } from '../spec-edit/near-miss.js';

/** Keys that the warnings of one document name. */
const LISTED = 5;

/**
 * The one of `known` that an annotation was probably meant to be: a slip in its name, in its prefix, or the right name
 * under a prefix that shares half of its labels or is not there. Keys that differ in digits alone are different keys.
 */
export function nearAnnotation(key: string, known: readonly string[]): string | undefined {
  return known.find((candidate) => key !== candidate && isNear(split(key), split(candidate)));
}

interface Key {
  readonly prefix: string;
  readonly name: string;
}

function split(key: string): Key {
  const slash = key.indexOf('/');
  return { prefix: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) };
}

function isNear(one: Key, other: Key): boolean {
  if (one.prefix === other.prefix) {
    return isSlip(one.name, other.name) && !differInDigits(one.name, other.name);
  }
  if (one.name.toLowerCase() === other.name.toLowerCase()) {
    return one.prefix === '' || isSlip(one.prefix, other.prefix) || sharesLabels(one.prefix, other.prefix);
  }
  return isSlip(`${one.prefix}/${one.name}`, `${other.prefix}/${other.name}`);
}

const isSlip = (word: string, meant: string) => nearMiss(word, [meant]) !== undefined;

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
  const annotations: unknown = document.spec.annotations;
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
