/**
 * Puts an entry into a list: in place of the first with its key, and no other with that key stays; else at the end.
 */
export function putByKey<T>(list: readonly T[], entry: T, keyOf: (entry: T) => string): readonly T[] {
  const key = keyOf(entry);
  const at = list.findIndex((each) => keyOf(each) === key);
  if (at < 0) return [...list, entry];
  return list.flatMap((each, index) => {
    if (index === at) return [entry];
    return keyOf(each) === key ? [] : [each];
  });
}

/** The list without the entries that have one of the keys. */
export function dropKeys<T>(
  list: readonly T[],
  keys: readonly string[],
  keyOf: (entry: T) => string,
): readonly T[] {
  const dropped = new Set(keys);
  return list.filter((entry) => !dropped.has(keyOf(entry)));
}
