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
  let best: string | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = slipsBetween(word, candidate);
    if (distance === 0) return candidate;
    if (distance < nearest) [best, nearest] = [candidate, distance];
  }
  return best;
}

/** The same for one word. */
export function isNearMiss(word: string, meant: string): boolean {
  return slipsBetween(word, meant) !== Number.POSITIVE_INFINITY;
}

/** How many letters are wrong; infinitely many, if too many. */
function slipsBetween(word: string, meant: string): number {
  const [one, other] = [plain(word), plain(meant)];
  if (one === other) return 0;
  // The distance is at least the difference in length, and comparing takes time that grows with the lengths.
  if (Math.abs(one.length - other.length) > MOST_SLIPS) return Number.POSITIVE_INFINITY;
  const distance = spellingDistance(one, other, MOST_SLIPS);
  return distance <= MOST_SLIPS && distance * 2 < word.length ? distance : Number.POSITIVE_INFINITY;
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll('-', '').replaceAll('_', '');
}
