import { inFolder } from './path-text.js';

/**
 * Folders searched when the caller gave no PATH: podman runs `kill` and `delete` with no PATH at all. The order is
 * that of Debian's root login.
 *
 * @example
 * ```ts
 * import { DEFAULT_SEARCH_PATH } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(DEFAULT_SEARCH_PATH.split(':')[0]); // /usr/local/sbin
 * ```
 */
export const DEFAULT_SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Where `name` may be on PATH, in order. Relative and empty entries mean the working folder, which for a runtime
 * call is the bundle: the container's owner could leave a `runc` there. They are passed over.
 */
export function searchPathFor(name: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const { PATH } = env;
  return (PATH || DEFAULT_SEARCH_PATH)
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => inFolder(folder, name));
}
