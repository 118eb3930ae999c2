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
 * A path made absolute. `..` is left alone: the kernel resolves it after symlinks, text cannot. When the working
 * folder is unknown (deleted, or out of reach) the path stays relative, and the kernel resolves it.
 */
export function absolutePath(path: string, cwd: string): string {
  return path.startsWith('/') || !cwd.startsWith('/') ? path : inFolder(cwd, path);
}

/**
 * Text of the caller's, made safe for one line of a log or a terminal: control characters, line separators,
 * direction overrides and lone surrogates are written as escapes.
 */
export function printable(text: string): string {
  return text.replace(
    /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
