// Those of Linux that neither list of Node has, by their numbers in include/uapi/asm-generic/errno.h: what a file
// system says that is damaged or encrypted, or whose medium is gone.
const OTHERS: ReadonlyMap<number, string> = new Map([
  [117, 'EUCLEAN'],
  [123, 'ENOMEDIUM'],
  [124, 'EMEDIUMTYPE'],
  [126, 'ENOKEY'],
  [127, 'EKEYEXPIRED'],
  [128, 'EKEYREVOKED'],
  [129, 'EKEYREJECTED'],
  [133, 'EHWPOISON'],
]);

/**
 * The name of an errno. Node's own errors have a name only for those that libuv knows: the `code` of a stale NFS handle is
 * `Unknown system error -116`.
 *
 * @param errno - negative, as in Node's errors, or positive, as in errno(3)
 * @returns `ERRNO_<number>` if it has no name
 *
 * @example
 * ```ts
 * import { errnoName } from '@opencontainers-ts/exec-native';
 *
 * console.log(errnoName(-116)); // ESTALE
 * ```
 */
export function errnoName(errno: number): string {
  const number = Math.abs(errno);
  // Loaded by the first error only: a call that succeeds is not to pay for it.
  const { errno: numbers } = process.getBuiltinModule('node:os').constants;
  return (
    Object.entries(numbers).find(([, each]) => each === number)?.[0] ??
    process.getBuiltinModule('node:util').getSystemErrorMap().get(-number)?.[0] ??
    OTHERS.get(number) ??
    `ERRNO_${number}`
  );
}
