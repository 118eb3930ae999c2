/** An empty component, a `.` or a `..`; also the slash at the end. */
const SPECIAL_COMPONENT = /\/\.{0,2}(?:\/|$)/;

/** Nearly every path is spelt as it is to be, and a spec may hold thousands. */
function isPlain(path: string): boolean {
  return path.startsWith('/') && !SPECIAL_COMPONENT.test(path);
}

/**
 * The path without doubled slashes, `.` components and a trailing slash, which never change what a path names. `..` stays,
 * since what it names depends on symlinks. In the names of places (`holds` of a rewrite), this form identifies mounts and
 * devices.
 *
 * @example
 * ```ts
 * import { tidyPath } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(tidyPath('//a/./b/')); // /a/b
 * ```
 */
export function tidyPath(path: string): string {
  if (isPlain(path)) return path;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}

/** Whether a component of the path is `..`. */
export function climbs(path: string): boolean {
  return path.split('/').includes('..');
}

/** A tidy path with each `..` taken together with the component before it: what the path looks like it names. */
export function lexicalPath(path: string): string {
  if (isPlain(path)) return path;
  const parts: string[] = [];
  for (const part of tidyPath(path).split('/').slice(1)) {
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** What follows `folder/` in the path; `undefined` for the folder itself and for all that is not below it. */
export function pathBelow(folder: string, path: string): string | undefined {
  return path.startsWith(folder) && path[folder.length] === '/' ? path.slice(folder.length + 1) : undefined;
}
