import { type Bytes, toBytes } from './bytes.js';
import { ErrnoError } from './errno-error.js';
import { ArgumentError } from './exec-native-error.js';
import type { EntryBeneath, ExpectedEntry, RootFolder } from './folder.js';
import { loadAddon } from './load-addon.js';
import type { NativeFailure } from './native-addon.js';

/**
 * Describes `path` beneath `root`, without following a symbolic link or crossing a mount: openat2(2) opens the folder that
 * contains it, with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS and RESOLVE_NO_XDEV, and statx(2) is
 * called there with AT_SYMLINK_NOFOLLOW.
 *
 * @param path - Relative to `root`; it must end in a name.
 * @returns `undefined` if it does not exist.
 * @throws ErrnoError `ELOOP`: a folder on the way is a symbolic link; `EXDEV`: the path leaves `root`, crosses a mount or
 * ends at one; `EINVAL`: it does not end in a name; `ESTALE`: `root` is now a different folder; `ENOSYS`: the kernel is
 * older than Linux 5.6.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE`.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { statSync } from 'node:fs';
 * import { lookBeneath } from '@opencontainers-ts/exec-native';
 *
 * const { dev, ino } = statSync('/proc', { bigint: true });
 * console.log(lookBeneath({ path: '/proc', dev, ino }, 'sys/kernel/ostype')?.type); // file
 * ```
 */
export function lookBeneath(root: RootFolder, path: Bytes): EntryBeneath | undefined {
  const pathBytes = toBytes(path, 'path');
  const result = loadAddon().lookBeneath(...rootArguments(root), pathBytes);
  if (result !== undefined && 'errno' in result) throw errorOf(result, root, pathBytes);
  return result;
}

/**
 * Removes `path` beneath `root` if it is exactly what is expected. The path is resolved as by {@link lookBeneath}.
 *
 * No system call removes precisely the file that was examined. If somebody swaps it at that moment, another entry of the
 * same folder is removed instead; nothing outside the folder can be.
 *
 * @returns `different`: something else is there, or a folder that is not empty; it stays.
 * @throws ErrnoError as {@link lookBeneath}; `EROFS`, `EACCES`, ... as of unlink(2).
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE`.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { removeBeneath } from '@opencontainers-ts/exec-native';
 *
 * const path = mkdtempSync(`${tmpdir()}/example-`);
 * writeFileSync(`${path}/marker`, '');
 * const root = { path, ...statSync(path, { bigint: true }) };
 * console.log(removeBeneath(root, 'marker', { kind: 'empty-file' })); // removed
 * console.log(removeBeneath(root, 'marker', { kind: 'empty-file' })); // missing
 * ```
 */
export function removeBeneath(
  root: RootFolder,
  path: Bytes,
  expected: ExpectedEntry,
): 'removed' | 'missing' | 'different' {
  const pathBytes = toBytes(path, 'path');
  const target = expected.kind === 'symlink' ? toBytes(expected.target, 'expected.target') : undefined;
  const result = loadAddon().removeBeneath(...rootArguments(root), pathBytes, expected.kind, target);
  if (typeof result === 'object') throw errorOf(result, root, pathBytes);
  return result;
}

/**
 * The names in the folder `path` beneath `root`, in no particular order. The path is resolved as by {@link lookBeneath}.
 *
 * @param path - Relative to `root`; `.` is `root` itself.
 * @param limit - The greatest number of names to return, from 0 to 4294967295: somebody else may have filled the folder.
 * @throws ErrnoError as {@link lookBeneath}; `ENOENT` and `ENOTDIR` if there is no such folder.
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE`.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { statSync } from 'node:fs';
 * import { listBeneath } from '@opencontainers-ts/exec-native';
 *
 * const { dev, ino } = statSync('/proc', { bigint: true });
 * console.log(listBeneath({ path: '/proc', dev, ino }, 'sys', 2).length); // 2
 * ```
 */
export function listBeneath(root: RootFolder, path: Bytes, limit: number): readonly Uint8Array[] {
  const pathBytes = toBytes(path, 'path');
  if (!Number.isInteger(limit) || limit < 0 || limit > 0xffffffff) {
    throw new ArgumentError('ERR_INVALID_ARG_VALUE', 'limit', 'is not a whole number from 0 to 4294967295');
  }
  const result = loadAddon().listBeneath(...rootArguments(root), pathBytes, limit);
  if ('errno' in result) throw errorOf(result, root, pathBytes);
  return result;
}

function rootArguments({ path, dev, ino }: RootFolder): [Uint8Array, bigint, bigint] {
  for (const [name, value] of Object.entries({ dev, ino })) {
    if (typeof value !== 'bigint') {
      throw new ArgumentError('ERR_INVALID_ARG_TYPE', `root.${name}`, 'is not a bigint');
    }
  }
  return [toBytes(path, 'root.path'), dev, ino];
}

function errorOf(failure: NativeFailure, { path: root }: RootFolder, path: Uint8Array): ErrnoError {
  return new ErrnoError(failure, failure.syscall === 'open' ? toBytes(root, 'root.path') : path);
}
