/** Of one row of the table, the places about its diagonal. */
type Row = ReadonlyMap<number, number>;

/**
 * The number of letters that are wrong, missing, extra or swapped: the optimal string alignment distance, which is the
 * Levenshtein distance with transpositions of neighbours. Words come from specs and may be long: distances beyond `most`
 * are not computed, so that the time is linear in the length.
 *
 * @param most - the greatest distance that matters
 * @returns the distance; if it is greater than `most`, any number greater than `most`
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
