/** Names longer than this are not compared: no device has one, and the comparison takes time that grows with both. */
const LONGEST = 128;
/** Nobody reads more. */
const MOST = 3;

/**
 * Names that were probably meant: the same device of another kind, or at most two letters wrong, missing, too many.
 */
export function nearNames(wanted: string, known: readonly string[]): readonly string[] {
  const device = deviceOf(wanted);
  const scored = known
    .filter((name) => wanted.length <= LONGEST && name.length <= LONGEST)
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= 2 || deviceOf(name) === device)
    .sort((one, other) => one.distance - other.distance);
  return scored.slice(0, MOST).map(({ name }) => name);
}

function deviceOf(name: string): string {
  return name.slice(name.indexOf('=') + 1);
}

/** Levenshtein's distance, row by row. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
