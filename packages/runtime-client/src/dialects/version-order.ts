/** The numbers of a version: of `1.1.15+ds1` 1, 1 and 15, of runsc's `0.0~20240729.0` and `release-20240729.0` 20240729 and 0. */
function numbersOf(version: string): readonly number[] {
  const released = /\d{8}(?:\.\d+)*/.exec(version)?.[0] ?? /\d+(?:\.\d+)*/.exec(version)?.[0] ?? '';
  return released.split('.').map(Number);
}

/** Whether `version` is `other` or an older one. What stands behind the numbers, a packager's mark, does not count. */
export function isUpTo(version: string, other: string): boolean {
  const [ours, theirs] = [numbersOf(version), numbersOf(other)];
  const length = Math.max(ours.length, theirs.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (ours[at] ?? 0) - (theirs[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}
