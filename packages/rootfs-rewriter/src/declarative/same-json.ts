import type { JsonValue } from '@opencontainers-ts/runtime-spec';

/** Whether two values are the same JSON; the order of members does not count, and 1n is 1. */
export function sameJson(one: JsonValue, other: JsonValue): boolean {
  return one === other || canonicalText(one) === canonicalText(other);
}

/** One text for all spellings of a value: members sorted, integers with all their digits. */
export function canonicalText(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}:${canonicalText(inner)}`,
  );
  return `{${entries.sort().join(',')}}`;
}
