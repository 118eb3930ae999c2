import { spellingDistance } from '@opencontainers-ts/runtime-spec';

const MOST_SLIPS = 2;

/**
 * The one of `known` that was probably meant: at most two letters, and less than half of them, are wrong, missing, extra or
 * swapped. A difference only in case, `-` and `_` always counts as a misspelling.
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
    .map((candidate) => ({
      candidate,
      distance: spellingDistance(plain(word), plain(candidate), MOST_SLIPS),
    }))
    .sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= MOST_SLIPS && best.distance * 2 < word.length
    ? best.candidate
    : undefined;
}
