/** The part after the last slash; empty for `''` and for a path that ends in a slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder of an absolute path, `/` for a file in the root. */
export function dirName(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** `name` in `folder`, without a doubled slash. */
export function inFolder(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, '')}/${name}`;
}

/**
 * A path made absolute. `..` stays: the kernel resolves it after following symlinks, which text cannot do. If the working
 * folder is unknown (deleted, or unreachable), the path stays relative and the kernel resolves it.
 */
export function absolutePath(path: string, cwd: string): string {
  return path.startsWith('/') || !cwd.startsWith('/') ? path : inFolder(cwd, path);
}

/** `UNPRINTABLE` of runtime-spec, which this package does not depend on. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text from the caller, made safe for one line of a log or a terminal; the same as `printable` of runtime-spec. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** {@link printable} in double quotes, so that blanks are visible. */
export function quoted(text: string): string {
  return `"${printable(text.replace(/["\\]/g, '\\$&'))}"`;
}
