// Paths as text, as node:path has them on Linux; this program runs where there is no node:path. A property test holds
// these functions to those.

/** The path without `.`, `..` that can be resolved in it, and double slashes; `.` for an empty one. */
export function normalize(path: string): string {
  const isAbsolute = path.startsWith('/');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (!isAbsolute) names.push(name);
  }
  const joined = names.join('/');
  if (isAbsolute) return joined !== '' && path.endsWith('/') ? `/${joined}/` : `/${joined}`;
  if (joined === '') return path.endsWith('/') ? './' : '.';
  return path.endsWith('/') ? `${joined}/` : joined;
}

/** The parts with slashes between them, normalized. */
export function join(...parts: readonly string[]): string {
  return normalize(parts.filter((part) => part !== '').join('/'));
}

/** The path that `path` is for a process in the folder `cwd`, which is absolute; normalized, without a slash at its end. */
export function resolve(cwd: string, path: string): string {
  const whole = normalize(path.startsWith('/') ? path : `${cwd}/${path}`);
  return whole.length > 1 && whole.endsWith('/') ? whole.slice(0, -1) : whole;
}

/** The folder of a path: all before its last name; `.` where there is none. */
export function dirname(path: string): string {
  const end = path.replace(/(?<=.)\/+$/, '').lastIndexOf('/');
  if (end === -1) return '.';
  return path.slice(0, end).replace(/(?<=.)\/+$/, '') || '/';
}

/** The last name of a path. */
export function basename(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}
