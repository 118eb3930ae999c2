/**
 * The `code` of a thrown value: an errno name such as `ENOENT`, or the code of an error of one of these packages. The
 * shape of the value decides, not its class: `instanceof` fails for an error of another realm or another bundle.
 *
 * @returns `undefined` if it has no code
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { errorCode } from '@opencontainers-ts/runtime-spec';
 *
 * try {
 *   readFileSync('/nowhere/config.json');
 * } catch (error) {
 *   console.log(errorCode(error)); // ENOENT
 * }
 * ```
 */
export function errorCode(thrown: unknown): string | undefined {
  const code: unknown =
    typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
