const MOST_SLIPS = 2;

/**
 * The one of `known` that was probably meant: at most two letters wrong, missing, too many or swapped, and less than
 * half of them. Spelling that differs in case, `-` and `_` alone is always taken for a slip.
 *
 * @example
 * ```ts
 * import { nearMiss } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(nearMiss('anotation', ['annotation', 'env'])); // annotation
 * ```
 */
export function nearMiss(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, '');
  const same = known.find((candidate) => plain(candidate) === plain(word));
  if (same !== undefined) return same;
  // The distance is at least the difference in length, and comparing takes time that grows with the lengths.
  const [best] = known
    .filter((candidate) => Math.abs(plain(candidate).length - plain(word).length) <= MOST_SLIPS)
    .map((candidate) => ({ candidate, distance: distance(plain(word), plain(candidate)) }))
    .sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= MOST_SLIPS && best.distance * 2 < word.length
    ? best.candidate
    : undefined;
}

/**
 * Optimal string alignment: Levenshtein's distance, in which two neighbours may also change places. Words come from
 * specs, and may be long: only what {@link MOST_SLIPS} allows is computed, in steps that grow with the length alone.
 *
 * @returns the distance; one that is greater than {@link MOST_SLIPS} may be told as any such number
 */
function distance(from: string, to: string): number {
  const FAR = MOST_SLIPS + 1;
  let above: Row = new Map();
  let row: Row = new Map(Array.from({ length: FAR }, (_, j) => [j, j]));
  for (let i = 1; i <= from.length; i++) {
    const next: Row = new Map();
    for (let j = Math.max(0, i - MOST_SLIPS); j <= Math.min(to.length, i + MOST_SLIPS); j++) {
      const isSame = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const ways = [
        (row.get(j) ?? FAR) + 1,
        (next.get(j - 1) ?? FAR) + 1,
        (row.get(j - 1) ?? FAR) + (isSame ? 0 : 1),
        swapped ? (above.get(j - 2) ?? FAR) + 1 : FAR,
      ];
      next.set(j, Math.min(...ways));
    }
    above = row;
    row = next;
  }
  return row.get(to.length) ?? FAR;
}

/** Of one row of the table, the places about its diagonal. */
type Row = Map<number, number>;
