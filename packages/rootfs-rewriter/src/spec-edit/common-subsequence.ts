import { longestRising } from './longest-rising.js';

/** Places of one element in two lists; `undefined` in the list that lacks it. */
export type Pair = readonly [old: number | undefined, next: number | undefined];

/**
 * How many elements are the same at the beginning of two lists, and how many of the others at their end. One value is the
 * same as itself, and is not asked about: lists of thousands that nobody touched in the middle are passed by quickly.
 */
export function commonEnds<T>(
  olds: readonly T[],
  nexts: readonly T[],
  isSame: (old: T, next: T) => boolean,
): { readonly front: number; readonly back: number } {
  const shorter = Math.min(olds.length, nexts.length);
  const isPair = (i: number, j: number) => isSame(olds[i] as T, nexts[j] as T);
  let front = 0;
  while (front < shorter && (olds[front] === nexts[front] || isPair(front, front))) front += 1;
  let back = 0;
  const [i, j] = [olds.length - 1, nexts.length - 1];
  for (; back < shorter - front; back += 1) {
    if (olds[i - back] !== nexts[j - back] && !isPair(i - back, j - back)) break;
  }
  return { front, back };
}

/**
 * Walks through two lists at once: the pairs of elements that stay, in order, and what stands between them. As many stay as
 * can, where the elements differ; of equal ones the first of one list is taken for the first of the other, since to
 * try all would take the product of the lengths.
 */
export function commonSubsequence(olds: readonly string[], nexts: readonly string[]): Pair[] {
  // From the back, so that of two that changed places the one that is now the first stays, and the other is put behind it.
  const equal = equalElements(olds, nexts).reverse();
  const staying = longestRising(equal.map(([i]) => -i)).toReversed();
  const pairs: Pair[] = [];
  let i = 0;
  let j = 0;
  const upTo = (endOfOlds: number, endOfNexts: number) => {
    for (; i < endOfOlds; i += 1) pairs.push([i, undefined]);
    for (; j < endOfNexts; j += 1) pairs.push([undefined, j]);
  };
  for (const place of staying) {
    const [old = 0, next = 0] = equal[place] ?? [];
    upTo(old, next);
    pairs.push([old, next]);
    i = old + 1;
    j = next + 1;
  }
  upTo(olds.length, nexts.length);
  return pairs;
}

/** The places of equal elements, in the order of the second list: the first with the first, the second with the second. */
function equalElements(
  olds: readonly string[],
  nexts: readonly string[],
): (readonly [old: number, next: number])[] {
  const places = new Map<string, { readonly all: number[]; taken: number }>();
  for (const [i, old] of olds.entries()) {
    const known = places.get(old);
    if (known === undefined) places.set(old, { all: [i], taken: 0 });
    else known.all.push(i);
  }
  return nexts.flatMap((next, j) => {
    const known = places.get(next);
    const i = known?.all[known.taken];
    if (known === undefined || i === undefined) return [];
    known.taken += 1;
    return [[i, j] as const];
  });
}
