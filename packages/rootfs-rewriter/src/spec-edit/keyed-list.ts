const origins = new WeakMap<object, object>();

/** The list with entries at its end; it is known afterwards what it was made of. */
export function appended<T>(list: readonly T[], entries: readonly T[]): readonly T[] {
  if (entries.length === 0) return list;
  const longer = list.concat(entries);
  origins.set(longer, origins.get(list) ?? list);
  return longer;
}

/** Whether {@link appended} made one list of the other, so that nobody need compare what they share. */
export function isAppended(list: readonly unknown[], longer: readonly unknown[]): boolean {
  return origins.get(longer) === list;
}

/**
 * Puts an entry into a list: in place of the first with its key, and no other with that key stays; else at the end.
 */
export function putByKey<T>(list: readonly T[], entry: T, keyOf: (entry: T) => string): readonly T[] {
  const key = keyOf(entry);
  const at = list.findIndex((each) => keyOf(each) === key);
  if (at < 0) return appended(list, [entry]);
  return list.flatMap((each, index) => {
    if (index === at) return [entry];
    return keyOf(each) === key ? [] : [each];
  });
}

/** The list without the entries that have one of the keys. Keys that are put in anew stay: they are replaced in place. */
export function dropKeys<T>(
  list: readonly T[],
  keys: readonly string[],
  keyOf: (entry: T) => string,
  putAnew: readonly string[] = [],
): readonly T[] {
  if (keys.length === 0) return list;
  const dropped = new Set(keys.filter((key) => !putAnew.includes(key)));
  return list.filter((entry) => !dropped.has(keyOf(entry)));
}

/** The list with the entries at its end whose keys it lacks. */
export function addMissing<T>(
  list: readonly T[],
  entries: readonly T[],
  keyOf: (entry: T) => string,
): readonly T[] {
  const known = new Set(list.map(keyOf));
  const missing = new Map(
    entries.filter((entry) => !known.has(keyOf(entry))).map((entry) => [keyOf(entry), entry]),
  );
  return appended(list, [...missing.values()]);
}
