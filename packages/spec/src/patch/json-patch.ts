import type { JsonValue } from '../json/json.js';
import { applyOperation } from './apply-operation.js';
import { checkOperation } from './patch-operation.js';
import type { Pointer } from './pointer.js';

/** One operation of a patch (RFC 6902 section 4). */
export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Operations that are carried out one after the other; when one fails, none has been. */
export type JsonPatch = readonly Operation[];

/**
 * A `T` as a patch may write it: read-only is enough, and integers may be `bigint`, which those beyond 2^53 must be.
 */
export type PatchValue<T> = T extends number
  ? number | bigint
  : T extends object
    ? { readonly [K in keyof T]: PatchValue<T[K]> }
    : T;

/**
 * Makes operations; the compiler checks that the value fits the place.
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

/**
 * Applies a patch to a plain value, as `JSON.parse` returns it. The value and the patch are left as they are; the
 * result shares what did not change with them.
 *
 * To change a `config.json` use {@link SpecDocument.apply}, which keeps every byte that the patch does not name.
 *
 * @throws SpecError `ERR_PATCH_OPERATION`, `ERR_PATCH_POINTER`, `ERR_PATCH_VALUE`, `ERR_PATCH_MISSING`,
 * `ERR_PATCH_TEST`; the details name the operation and the pointer.
 * @example
 * ```ts
 * import { applyPatch } from '@opencontainers-ts/runtime-spec';
 *
 * const patched = applyPatch({ env: ['A=1'] }, [{ op: 'add', path: '/env/-', value: 'B=2' }]);
 * console.log(JSON.stringify(patched)); // {"env":["A=1","B=2"]}
 * ```
 */
export function applyPatch(value: JsonValue, patch: JsonPatch): JsonValue {
  return patch.reduce<JsonValue>((current, operation, index) => {
    return applyOperation(current, checkOperation(operation, index), { index, operation });
  }, value);
}
