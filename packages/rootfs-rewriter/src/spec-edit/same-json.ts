import type { JsonValue } from '@opencontainers-ts/runtime-spec';

/**
 * Whether two values are the same JSON. The order of members does not matter, and 1n equals 1.
 *
 * @example
 * ```ts
 * import { sameJson } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(sameJson({ a: 1, b: 2 }, { b: 2n, a: 1 })); // true
 * ```
 */
export function sameJson(one: JsonValue, other: JsonValue): boolean {
  if (one === other) return true;
  if (typeof one === 'bigint' || typeof other === 'bigint')
    return isNumeric(one) && isNumeric(other) && String(one) === String(other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    return Array.isArray(one) && Array.isArray(other) && sameElements(one, other);
  }
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(other, key) || !sameJson(memberOf(one, key), memberOf(other, key))) return false;
  }
  return true;
}

/** A loop, since a list may have thousands of texts: an interpreter takes longer to call than to look. */
function sameElements(one: readonly JsonValue[], other: readonly JsonValue[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) {
    const element = one[at] ?? null;
    const counterpart = other[at] ?? null;
    if (element !== counterpart && !sameJson(element, counterpart)) return false;
  }
  return true;
}

function isNumeric(value: JsonValue): boolean {
  return typeof value === 'bigint' || typeof value === 'number';
}

function memberOf(value: object, key: string): JsonValue {
  return (value as { readonly [key: string]: JsonValue })[key] ?? null;
}

/**
 * The canonical text of a value: members sorted, integers with all their digits.
 *
 * @example
 * ```ts
 * import { canonicalText } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(canonicalText({ b: 2n, a: 1 })); // {"a":1,"b":2}
 * ```
 */
export function canonicalText(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}:${canonicalText(inner)}`,
  );
  return `{${entries.sort().join(',')}}`;
}
