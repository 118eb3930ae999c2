/** A version as golang.org/x/mod/semver takes it apart, without its `v`. */
interface Version {
  readonly numbers: readonly [string, string, string];
  readonly prerelease: readonly string[];
}

const NUMBER = '(0|[1-9][0-9]*)';
const VERSION = new RegExp(
  `^${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?)?)?$`,
);

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, major = '', minor = '0', patch = '0', suffix] = match;
  const prerelease = suffix?.split('.') ?? [];
  const isSound = prerelease.every((part) => part !== '' && !/^0[0-9]+$/.test(part));
  return isSound ? { numbers: [major, minor, patch], prerelease } : undefined;
}

/**
 * `semver.Compare` of golang.org/x/mod, for versions without the `v`: negative, 0 or positive. A version that is none is
 * less than every one that is, and as good as any other that is none.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [parseVersion(left), parseVersion(right)];
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  for (const [index, number] of a.numbers.entries()) {
    const order = compareNumbers(number, b.numbers[index] ?? '0');
    if (order !== 0) return order;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function compareNumbers(left: string, right: string): number {
  return left.length - right.length || compareTexts(left, right);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/** Semantic Versioning 2.0.0, section 11: a release comes after all its prereleases. */
function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = comparePrereleaseParts(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function comparePrereleaseParts(left: string, right: string): number {
  const [isNumber, isOtherNumber] = [/^[0-9]+$/.test(left), /^[0-9]+$/.test(right)];
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return isNumber ? compareNumbers(left, right) : compareTexts(left, right);
}
