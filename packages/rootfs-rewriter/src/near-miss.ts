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

/** Optimal string alignment: Levenshtein's distance, in which two neighbours may also change places. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        at(rows, i - 1, j) + 1,
        (row[j - 1] ?? 0) + 1,
        at(rows, i - 1, j - 1) + cost,
        swapped ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(row);
  }
  return at(rows, from.length, to.length);
}

const at = (rows: readonly number[][], i: number, j: number): number => rows[i]?.[j] ?? 0;
