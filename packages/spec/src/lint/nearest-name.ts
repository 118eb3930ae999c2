import { spellingDistance } from '../spelling-distance.js';

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
    const found = spellingDistance(written, meant, MOST_DIFFERENCES);
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
