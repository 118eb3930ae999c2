import type { JsonValue } from '../json/json.js';
import type { Pointer } from './pointer.js';

/** One operation of a patch (RFC 6902 section 4). */
export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Operations that are applied one after the other. If one fails, none is applied. */
export type JsonPatch = readonly Operation[];

/** A `T` as the value of an operation: it may be read-only, and integers may be `bigint`; those beyond 2^53 must be. */
export type PatchValue<T> = T extends number
  ? number | bigint
  : T extends object
    ? { readonly [K in keyof T]: PatchValue<T[K]> }
    : T;

/**
 * Creates operations. The compiler checks that the value fits the place.
 *
 * @example
 * ```ts
 * import { at, op } from '@opencontainers-ts/runtime-spec';
 *
 * const limit = { type: 'RLIMIT_MEMLOCK', soft: 65536, hard: 18446744073709551615n };
 * console.log(op.add(at('process', 'rlimits', '-'), limit).path); // /process/rlimits/-
 * console.log(op.replace(at('root', 'path'), '/mnt/volume')); // { op: 'replace', path: '/root/path', value: '/mnt/volume' }
 * console.log(op.remove('/mounts/3')); // { op: 'remove', path: '/mounts/3' }
 * ```
 */
export const op = {
  add<T>(path: Pointer<T>, value: PatchValue<NoInfer<T>>): Operation {
    return { op: 'add', path, value: value as JsonValue };
  },
  replace<T>(path: Pointer<T>, value: PatchValue<NoInfer<T>>): Operation {
    return { op: 'replace', path, value: value as JsonValue };
  },
  remove(path: string): Operation {
    return { op: 'remove', path };
  },
} as const;
