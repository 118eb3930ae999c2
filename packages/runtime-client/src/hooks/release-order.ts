/**
 * Which of two releases of a runtime is the later one: above zero, the first. A candidate counts as its release.
 *
 * @returns undefined where one of them cannot be read
 */
export function compareReleases(one: string, other: string): number | undefined {
  const [first, second] = [numbersOf(one), numbersOf(other)];
  if (first === undefined || second === undefined) return undefined;
  for (let i = 0; i < Math.max(first.length, second.length); i += 1) {
    const difference = (first[i] ?? 0) - (second[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The day of a release of gVisor, before which Debian puts "0.0~"; else what stands between dots at the beginning. */
function numbersOf(version: string): readonly number[] | undefined {
  const day = /(?:^|[-~])(\d{8})(?:\.|$)/.exec(version)?.[1];
  if (day !== undefined) return [Number(day)];
  return /^v?(\d{1,7}(?:\.\d{1,7})*)(?:$|[-+~])/.exec(version)?.[1]?.split('.').map(Number);
}
