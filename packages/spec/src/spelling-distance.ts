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
  if (Math.abs(one.length - other.length) > most || !mayBeNear(one, other, most)) return far;
  // Of each row of the table only the places about its diagonal: `row[d]` is where `other` has got `d - most` letters further.
  const width = 2 * most + 1;
  let above: readonly number[] = new Array<number>(width).fill(far);
  let row: readonly number[] = Array.from({ length: width }, (_, d) => (d < most ? far : d - most));
  let nearestInRow = 0;
  for (let i = 1; i <= one.length; i += 1) {
    const next: number[] = [];
    let nearest = far;
    // Each letter is taken out of its word once: that makes a text of its own.
    const letter = one[i - 1];
    const before = one[i - 2];
    let otherBefore = other[i - most - 2];
    for (let d = 0; d < width; d += 1) {
      const j = i + d - most;
      let best = far;
      if (j >= 0 && j <= other.length) {
        const otherLetter = other[j - 1];
        const isSame = letter === otherLetter;
        const isSwapped = i > 1 && j > 1 && letter === otherBefore && before === otherLetter;
        otherBefore = otherLetter;
        const replaced = j === 0 ? far : (row[d] ?? far) + (isSame ? 0 : 1);
        const removed = (row[d + 1] ?? far) + 1;
        const added = (next[d - 1] ?? far) + 1;
        const swapped = isSwapped ? (above[d] ?? far) + 1 : far;
        // Not Math.min: an interpreter takes longer to call it than for all the rest.
        if (replaced < best) best = replaced;
        if (removed < best) best = removed;
        if (added < best) best = added;
        if (swapped < best) best = swapped;
      }
      next.push(best);
      if (best < nearest) nearest = best;
    }
    // What follows is at least what one of the last two rows has.
    if (nearest > most && nearestInRow >= most) return far;
    above = row;
    row = next;
    nearestInRow = nearest;
  }
  return row[other.length - one.length + most] ?? far;
}

/** Shorter parts of words stand in many others. */
const SHORTEST_PART = 4;

/**
 * Whether a part of one word stands in the other. Each slip touches two neighbouring letters at most, and so two of the parts of
 * a word that is cut into `2 * most + 1`: in words that are near one part is as it was. Long words are told apart by
 * this at once, which an engine does by its own search.
 */
function mayBeNear(one: string, other: string, most: number): boolean {
  const parts = 2 * most + 1;
  const length = Math.floor(other.length / parts);
  if (length < SHORTEST_PART) return true;
  for (let part = 0; part < parts; part += 1) {
    if (one.includes(other.slice(part * length, (part + 1) * length))) return true;
  }
  return false;
}
