import type { JsonValue } from '../json/json.js';
import { quoted } from '../printable.js';
import { SpecError, type SpecErrorCode } from '../spec-error.js';
import type { Operation } from './json-patch.js';
import { parsePointer } from './pointer.js';

/** Deeper values are refused: no specification nests a tenth of this, and a value that holds itself has no end. */
const DEEPEST_VALUE = 512;

/** An operation whose members have been checked and whose pointers have been split. */
export type CheckedOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: readonly string[]; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: readonly string[] }
  | { readonly op: 'move' | 'copy'; readonly from: readonly string[]; readonly path: readonly string[] };

export function isSamePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((step, i) => step === other[i]);
}

/** Which operation of a patch is at work, for messages. */
export interface OperationPlace {
  readonly index: number;
  readonly operation: Operation;
}

/** The error of one operation; its details name the operation's index, kind and pointer. */
export function patchError(
  code: SpecErrorCode,
  { index, operation }: OperationPlace,
  reason: string,
  cause?: unknown,
): SpecError {
  const pointer = String(operation?.path);
  return new SpecError(
    code,
    `operation ${index} (${quoted(String(operation?.op))} at ${quoted(pointer)}): ${reason}`,
    {
      details: { index, op: String(operation?.op), pointer },
      cause,
    },
  );
}

function checkPointer(pointer: unknown, member: string, place: OperationPlace): string[] {
  if (typeof pointer !== 'string') {
    throw patchError('ERR_PATCH_OPERATION', place, `its member "${member}" is not a string`);
  }
  try {
    return parsePointer(pointer);
  } catch (cause) {
    throw patchError('ERR_PATCH_POINTER', place, `its member "${member}" is not a JSON Pointer`, cause);
  }
}

function checkNumber(value: number, place: OperationPlace): void {
  if (!Number.isFinite(value)) {
    throw patchError('ERR_PATCH_VALUE', place, `${value} is not a number of JSON`);
  }
  // 18446744073709552000 in a patch is always 18446744073709551615 after JSON.parse, and every runtime refuses it.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw patchError('ERR_PATCH_VALUE', place, `the integer ${value} is beyond 2^53 and has been rounded`);
  }
}

function checkValue(value: unknown, place: OperationPlace, depth = 0): void {
  if (depth > DEEPEST_VALUE) {
    throw patchError('ERR_PATCH_VALUE', place, `the value nests more than ${DEEPEST_VALUE} levels deep`);
  }
  if (typeof value === 'number') {
    checkNumber(value, place);
  } else if (typeof value === 'object' && value !== null) {
    // Nothing is wrong with a text but that it may be too deep.
    for (const inner of Object.values(value)) {
      if (typeof inner !== 'string' || depth === DEEPEST_VALUE) checkValue(inner, place, depth + 1);
    }
  } else if (value !== null && !['boolean', 'string', 'bigint'].includes(typeof value)) {
    throw patchError('ERR_PATCH_VALUE', place, `the value is or holds one of type ${typeof value}`);
  }
}

/**
 * Checks one operation against RFC 6902 section 4.
 *
 * @throws SpecError `ERR_PATCH_OPERATION`, `ERR_PATCH_POINTER` or `ERR_PATCH_VALUE`.
 */
export function checkOperation(operation: Operation, index: number): CheckedOperation {
  const place = { index, operation };
  const path = checkPointer(operation?.path, 'path', place);
  switch (operation.op) {
    case 'add':
    case 'replace':
    case 'test':
      checkValue(operation.value, place);
      return { op: operation.op, path, value: operation.value };
    case 'remove':
      if (path.length === 0) {
        throw patchError('ERR_PATCH_OPERATION', place, 'the whole document cannot be removed');
      }
      return { op: 'remove', path };
    case 'move':
    case 'copy': {
      const from = checkPointer(operation.from, 'from', place);
      if (operation.op === 'move' && from.length < path.length && from.every((step, i) => step === path[i])) {
        throw patchError('ERR_PATCH_POINTER', place, `${quoted(operation.from)} cannot be moved into itself`);
      }
      return { op: operation.op, from, path };
    }
    default:
      throw patchError(
        'ERR_PATCH_OPERATION',
        place,
        'it is not one of add, remove, replace, move, copy, test',
      );
  }
}
