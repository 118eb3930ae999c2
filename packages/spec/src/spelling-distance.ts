/** Of one row of the table, the places about its diagonal. */
type Row = ReadonlyMap<number, number>;

/**
 * How many letters are wrong, missing, too many or swapped: optimal string alignment, which is Levenshtein's distance in
 * which two neighbours may also change places. Words come from specs, and may be long: only what `most` allows is computed,
 * in steps that grow with the length alone.
 *
 * @param most - the greatest distance that matters
 * @returns the distance; one that is greater than `most` may be told as any such number
 *
 * @example
 * ```ts
 * import { spellingDistance } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(spellingDistance('moutns', 'mounts', 2)); // 1
 * ```
 */
export function spellingDistance(one: string, other: string, most: number): number {
  const far = most + 1;
  let above: Row = new Map();
  let row: Row = new Map(Array.from({ length: far }, (_, j) => [j, j]));
  for (let i = 1; i <= one.length; i += 1) {
    const next = new Map<number, number>();
    for (let j = Math.max(0, i - most); j <= Math.min(other.length, i + most); j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const ways = [
        (row.get(j) ?? far) + 1,
        (next.get(j - 1) ?? far) + 1,
        (row.get(j - 1) ?? far) + (isSame ? 0 : 1),
        isSwapped ? (above.get(j - 2) ?? far) + 1 : far,
      ];
      next.set(j, Math.min(...ways));
    }
    above = row;
    row = next;
  }
  return row.get(other.length) ?? far;
}
