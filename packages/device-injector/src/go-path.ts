/** `path.Clean` of Go, and on Linux `filepath.Clean`: the shortest path that means the same, by its text alone. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const isBelow = kept.length > 0 && kept.at(-1) !== '..';
    if (part !== '..') kept.push(part);
    else if (isBelow) kept.pop();
    else if (!isRooted) kept.push(part);
  }
  const text = kept.join('/');
  return isRooted ? `/${text}` : text || '.';
}

/** `path.Join` of Go: empty parts do not count; nothing at all gives the empty path. */
export function joinPath(...parts: readonly string[]): string {
  const present = parts.filter((part) => part !== '');
  return present.length === 0 ? '' : cleanPath(present.join('/'));
}

/** `filepath.Abs` of Go: a relative path starts at the working directory; symlinks stay as they are. */
export function absolutePath(path: string, cwd: string): string {
  return path.startsWith('/') ? cleanPath(path) : joinPath(cwd, path);
}
