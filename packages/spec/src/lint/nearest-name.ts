/** A name that is longer than every known one by more than this is near none. */
const MOST_DIFFERENCES = 2;

/**
 * The one of the known names that somebody may have meant who wrote `name`: the same but for separators, capitals or a
 * plural, or one letter off, in longer names two.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = plain(name);
  let nearest: string | undefined;
  let fewest = MOST_DIFFERENCES + 1;
  for (const candidate of known) {
    const meant = plain(candidate);
    if (Math.abs(written.length - meant.length) > MOST_DIFFERENCES) continue;
    const length = Math.max(written.length, meant.length);
    // Names of three letters differ by one from a lot: "uid" and "gid" are two things.
    const allowed = length < 4 ? 0 : length < 6 ? 1 : MOST_DIFFERENCES;
    const found = differences(written, meant);
    if (found <= allowed && found < fewest) {
      nearest = candidate;
      fewest = found;
    }
  }
  return nearest;
}

function plain(name: string): string {
  return name.replace(/[-_ ]/g, '').toLowerCase().replace(/ies$/, 'y').replace(/s$/, '');
}

/** How many letters to put in, take out, change, or swap with the next one (optimal string alignment). */
function differences(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const swapped =
        one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1] ? (before[j - 2] ?? changed) + 1 : changed;
      next.push(Math.min(changed, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
}
