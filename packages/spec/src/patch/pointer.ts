import type { Spec } from '../generated/types.js';
import { quoted } from '../printable.js';
import { SpecError } from '../spec-error.js';

/** A JSON Pointer (RFC 6901) to a `T`. At run time it is a plain string. */
export type Pointer<T> = string & { readonly __at?: (value: T) => T };

type Step<T> = NonNullable<T> extends readonly unknown[] ? number | '-' : keyof NonNullable<T> & string;
type At<T, K> =
  NonNullable<T> extends readonly (infer E)[]
    ? E
    : K extends keyof NonNullable<T>
      ? Exclude<NonNullable<T>[K], undefined>
      : never;

/**
 * Splits a JSON Pointer into its reference tokens, unescaped.
 *
 * @throws SpecError `ERR_POINTER_SYNTAX` if it is neither empty nor starts with "/", or contains a "~" that is not followed
 * by 0 or 1 (RFC 6901 section 3).
 * @example
 * ```ts
 * import { parsePointer } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(parsePointer('/annotations/example.org~1volume')); // [ 'annotations', 'example.org/volume' ]
 * ```
 */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') {
    return [];
  }
  if (!pointer.startsWith('/') || (pointer.includes('~') && /~(?![01])/.test(pointer))) {
    throw new SpecError('ERR_POINTER_SYNTAX', `${quoted(pointer)} is not a JSON Pointer`, {
      details: { pointer },
    });
  }
  const tokens = pointer.slice(1).split('/');
  if (!pointer.includes('~')) return tokens;
  // "~1" first: "~01" stands for "~1", not for "/" (RFC 6901 section 4).
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Joins names and indices into a JSON Pointer, escaped where necessary.
 *
 * @example
 * ```ts
 * import { formatPointer } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(formatPointer(['annotations', 'example.org/volume'])); // /annotations/example.org~1volume
 * ```
 */
export function formatPointer(path: readonly (string | number)[]): string {
  let pointer = '';
  for (const token of path) pointer += `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return pointer;
}

/**
 * A pointer into a configuration, which the compiler checks step by step: a misspelled member does not compile, and
 * {@link op} knows the type of the value there. `'-'` is the place after the last element.
 *
 * @example
 * ```ts
 * import { at } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(at('process', 'env', 0)); // /process/env/0
 * console.log(at('annotations', 'example.org/volume')); // /annotations/example.org~1volume
 * ```
 */
export function at<A extends Step<Spec>>(a: A): Pointer<At<Spec, A>>;
export function at<A extends Step<Spec>, B extends Step<At<Spec, A>>>(
  a: A,
  b: B,
): Pointer<At<At<Spec, A>, B>>;
export function at<A extends Step<Spec>, B extends Step<At<Spec, A>>, C extends Step<At<At<Spec, A>, B>>>(
  a: A,
  b: B,
  c: C,
): Pointer<At<At<At<Spec, A>, B>, C>>;
export function at<
  A extends Step<Spec>,
  B extends Step<At<Spec, A>>,
  C extends Step<At<At<Spec, A>, B>>,
  D extends Step<At<At<At<Spec, A>, B>, C>>,
>(a: A, b: B, c: C, d: D): Pointer<At<At<At<At<Spec, A>, B>, C>, D>>;
export function at<
  A extends Step<Spec>,
  B extends Step<At<Spec, A>>,
  C extends Step<At<At<Spec, A>, B>>,
  D extends Step<At<At<At<Spec, A>, B>, C>>,
  E extends Step<At<At<At<At<Spec, A>, B>, C>, D>>,
>(a: A, b: B, c: C, d: D, e: E): Pointer<At<At<At<At<At<Spec, A>, B>, C>, D>, E>>;
export function at(...path: (string | number)[]): string {
  return formatPointer(path);
}
