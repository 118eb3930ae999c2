/**
 * The indexes of a longest increasing subsequence, found by patience sorting in about n log n steps. If the numbers are the
 * former positions of elements, these are the elements that need not be moved.
 *
 * @param numbers - all different
 *
 * @example
 * ```ts
 * import { longestRising } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(longestRising([3, 0, 1, 2])); // [ 1, 2, 3 ]
 * ```
 */
export function longestRising(numbers: readonly number[]): readonly number[] {
  // ends[k]: where the run of k + 1 numbers with the smallest last number ends.
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [place, number] of numbers.entries()) {
    const length = firstNotBelow(ends, numbers, number);
    previous[place] = ends[length - 1] ?? -1;
    ends[length] = place;
  }
  const run: number[] = [];
  for (let place = ends.at(-1) ?? -1; place >= 0; place = previous[place] ?? -1) run.push(place);
  return run.reverse();
}

function firstNotBelow(ends: readonly number[], numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[ends[middle] ?? 0] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
