import type { JsonValue } from '../json/json.js';
import { applyOperation } from './apply-operation.js';
import type { JsonPatch } from './json-patch.js';
import { checkOperation } from './patch-operation.js';

/**
 * Applies a patch to a plain value, such as a result of `JSON.parse`. It does not modify the value or the patch; the result
 * shares with them what did not change.
 *
 * To change a `config.json`, use {@link SpecDocument.apply}, which keeps every byte that the patch does not name.
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
