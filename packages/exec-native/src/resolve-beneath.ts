import { type Bytes, toBytes } from './bytes.js';
import { ErrnoError } from './errno-error.js';
import type { FoundFolder } from './folder.js';
import { loadAddon } from './load-addon.js';

/**
 * The identity of the folder `path` beneath `root`, resolved without following a symbolic link (or a magic link of /proc)
 * and without leaving `root`. It is one atomic step that no rename can interrupt: openat2(2) with RESOLVE_BENEATH,
 * RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS. Mount points on the way are crossed. If openat2 is missing (before Linux
 * 5.6, or blocked by seccomp), the path is walked one component at a time, and every `..` is refused.
 *
 * @param root - A folder; symbolic links in this path are followed.
 * @param path - Relative to `root`; an absolute path is an error.
 * @throws ErrnoError `ELOOP`: a component is a symbolic link; `EXDEV`: the path leads out of `root`; `ENOENT`, `ENOTDIR`,
 * `EACCES`, ... as for open(2). Its `syscall` is `open` if `root` itself is the cause.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` (a NUL byte).
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { resolveBeneath } from '@opencontainers-ts/exec-native';
 *
 * const { dev, ino } = resolveBeneath('/', 'proc');
 * console.log(typeof dev, typeof ino); // bigint bigint
 * ```
 */
export function resolveBeneath(root: Bytes, path: Bytes): FoundFolder {
  const rootBytes = toBytes(root, 'root');
  const pathBytes = toBytes(path, 'path');
  const result = loadAddon().resolveBeneath(rootBytes, pathBytes);
  if ('errno' in result) {
    throw new ErrnoError(result, result.syscall === 'open' ? rootBytes : pathBytes);
  }
  return result;
}
