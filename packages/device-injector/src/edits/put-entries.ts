import { sameJson } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import type { JsonValue } from '@opencontainers-ts/runtime-spec';

/**
 * The entries without those that have the same key as a later one: what the CDI library's "remove, then append" makes of an
 * empty list.
 */
export function lastOfEachKey<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  const last = new Map<string, T>();
  for (const entry of entries) {
    last.delete(keyOf(entry));
    last.set(keyOf(entry), entry);
  }
  return [...last.values()];
}

/**
 * Adds entries to a list as "remove, then append" does, except that an entry that is already there, exactly once and equal,
 * keeps its position: otherwise a second run would change the order.
 */
export function putEntries<T extends JsonValue>(
  list: readonly T[],
  entries: readonly T[],
  keyOf: (entry: T) => string,
): readonly T[] {
  const places = new Map<string, T[]>();
  for (const each of list) {
    const key = keyOf(each);
    const same = places.get(key);
    if (same === undefined) places.set(key, [each]);
    else same.push(each);
  }
  const fresh = lastOfEachKey(entries, keyOf).filter((entry) => {
    const [first, ...more] = places.get(keyOf(entry)) ?? [];
    return first === undefined || more.length > 0 || !sameJson(first, entry);
  });
  if (fresh.length === 0) return list;
  const replaced = new Set(fresh.map(keyOf));
  return [...list.filter((each) => !replaced.has(keyOf(each))), ...fresh];
}
