/** Places of one element in two lists; `undefined` in the list that lacks it. */
export type Pair = readonly [old: number | undefined, next: number | undefined];

/** Above this many cells the lists are taken for different throughout: nothing that people write has as many. */
const MOST_CELLS = 4_000_000;

/** Walks through two lists at once: the pairs of a longest common subsequence, and what stands between them. */
export function commonSubsequence(olds: readonly string[], nexts: readonly string[]): Pair[] {
  let front = 0;
  while (front < olds.length && front < nexts.length && olds[front] === nexts[front]) front += 1;
  let back = 0;
  const most = Math.min(olds.length, nexts.length) - front;
  while (back < most && olds.at(-1 - back) === nexts.at(-1 - back)) back += 1;
  const middle = between(olds.slice(front, olds.length - back), nexts.slice(front, nexts.length - back));
  return [
    ...Array.from({ length: front }, (_, index): Pair => [index, index]),
    ...middle.map(([i, j]): Pair => [i === undefined ? i : i + front, j === undefined ? j : j + front]),
    ...Array.from(
      { length: back },
      (_, index): Pair => [olds.length - back + index, nexts.length - back + index],
    ),
  ];
}

function between(olds: readonly string[], nexts: readonly string[]): Pair[] {
  const width = nexts.length + 1;
  const cells = (olds.length + 1) * width;
  if (olds.length === 0 || nexts.length === 0 || cells > MOST_CELLS) {
    return [...olds.map((_, i): Pair => [i, undefined]), ...nexts.map((_, j): Pair => [undefined, j])];
  }
  // common[i * width + j]: the length of the longest common subsequence of olds from i and nexts from j.
  const common = new Uint32Array(cells);
  const lengthAt = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = olds.length - 1; i >= 0; i -= 1) {
    for (let j = nexts.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        olds[i] === nexts[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  const pairs: Pair[] = [];
  let i = 0;
  let j = 0;
  while (i < olds.length && j < nexts.length) {
    if (olds[i] === nexts[j]) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) {
      pairs.push([i, undefined]);
      i += 1;
    } else {
      pairs.push([undefined, j]);
      j += 1;
    }
  }
  for (; i < olds.length; i += 1) pairs.push([i, undefined]);
  for (; j < nexts.length; j += 1) pairs.push([undefined, j]);
  return pairs;
}
