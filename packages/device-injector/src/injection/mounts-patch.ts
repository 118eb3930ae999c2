import type { JsonValue, Operation } from '@opencontainers-ts/runtime-spec';

/**
 * The operations that make one list of mounts of the other, with as few moves as there can be: removed ones from the
 * back, then each that is new or out of place put behind the one that it follows. Elements are the same when they are
 * the same object.
 */
export function mountsPatch(before: readonly JsonValue[], after: readonly JsonValue[]): readonly Operation[] {
  const kept = new Set(after);
  const removals = before.flatMap((mount, index) => (kept.has(mount) ? [] : [index])).toReversed();
  const operations: Operation[] = removals.map((index) => ({ op: 'remove', path: `/mounts/${index}` }));
  const working = before.filter((mount) => kept.has(mount));
  const stays = new Set(longestOrdered(after, working));
  // What stays, and what was put already, stands in its final order: behind the predecessor is the right place.
  for (const [index, mount] of after.entries()) {
    if (stays.has(mount)) continue;
    const from = working.indexOf(mount);
    if (from >= 0) working.splice(from, 1);
    const previous = after[index - 1];
    const to = previous === undefined ? 0 : working.indexOf(previous) + 1;
    working.splice(to, 0, mount);
    operations.push(
      from >= 0
        ? { op: 'move', from: `/mounts/${from}`, path: `/mounts/${to}` }
        : { op: 'add', path: `/mounts/${to === working.length - 1 ? '-' : to}`, value: mount },
    );
  }
  return operations;
}

/** The longest run of elements of `after` that `before` has in the same order: those need no move. */
function longestOrdered(after: readonly JsonValue[], before: readonly JsonValue[]): readonly JsonValue[] {
  const places = new Map(before.map((mount, index) => [mount, index]));
  const known = after.filter((mount) => places.has(mount));
  const sequence = known.map((mount) => places.get(mount) ?? 0);
  // Patience sorting, O(n log n): ends[k] is where the run of k + 1 elements with the smallest last place ends.
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [index, place] of sequence.entries()) {
    const length = firstNotBelow(ends, sequence, place);
    previous[index] = ends[length - 1] ?? -1;
    ends[length] = index;
  }
  const run: JsonValue[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    run.push(known[index] ?? null);
  }
  return run;
}

function firstNotBelow(ends: readonly number[], sequence: readonly number[], place: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sequence[ends[middle] ?? 0] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
