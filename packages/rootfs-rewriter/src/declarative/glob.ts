/**
 * Whether the whole text matches: `*` stands for any run of characters, `?` for one, nothing else is special. It
 * remembers the last `*` only, so that no pattern takes longer than pattern times text.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const wanted = [...pattern];
  const given = [...text];
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  for (let index = 0; index < given.length; ) {
    if (wanted[at] === '*') {
      star = at;
      at += 1;
      resumeAt = index;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      // The `*` takes one character more; what an earlier one took need never change.
      resumeAt += 1;
      index = resumeAt;
      at = star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === '*');
}

/** The longest text without `*`, `?` and the given separators that every match holds; empty where there is none. */
export function literalOf(pattern: string, separators = ''): string {
  const runs = pattern.split(/[*?]/).flatMap((run) => (separators === '' ? [run] : run.split(separators)));
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}
