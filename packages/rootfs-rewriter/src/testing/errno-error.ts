// Numbers of Linux (errno(3)); Node gives them negated.
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['EPERM', 1],
  ['ENOENT', 2],
  ['EIO', 5],
  ['ENXIO', 6],
  ['EACCES', 13],
  ['EXDEV', 18],
  ['ENODEV', 19],
  ['ENOTDIR', 20],
  ['EISDIR', 21],
  ['EINVAL', 22],
  ['ENAMETOOLONG', 36],
  ['ENOSYS', 38],
  ['ELOOP', 40],
  ['EBADMSG', 74],
  ['ENETDOWN', 100],
  ['ENETUNREACH', 101],
  ['ECONNABORTED', 103],
  ['ECONNRESET', 104],
  ['ENOTCONN', 107],
  ['ESHUTDOWN', 108],
  ['ETIMEDOUT', 110],
  ['ECONNREFUSED', 111],
  ['EHOSTDOWN', 112],
  ['EHOSTUNREACH', 113],
  ['ESTALE', 116],
  ['EUCLEAN', 117],
  ['EREMOTEIO', 121],
  ['ENOMEDIUM', 123],
]);

/**
 * An error like those that Node throws for a failed system call.
 *
 * @param code - an errno name
 * @throws RangeError for a name that is not in the table
 *
 * @example
 * ```ts
 * import { errnoError } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * console.log(errnoError('EACCES', 'open', '/secret').message); // EACCES: open '/secret'
 * ```
 */
export function errnoError(code: string, syscall: string, path: string): Error {
  const number = NUMBERS.get(code);
  if (number === undefined) throw new RangeError(`unknown errno name ${JSON.stringify(code)}`);
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno: -number, syscall, path });
}
