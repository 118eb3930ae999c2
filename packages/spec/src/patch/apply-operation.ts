import type { JsonObject, JsonValue } from '../json/json.js';
import { elementIndex } from '../json/json-items.js';
import { type CheckedOperation, isSamePath, type OperationPlace, patchError } from './patch-operation.js';

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value);
}

/** The member or element that `step` names. Members of the prototype do not count. */
function childOf(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (isArray(value)) {
    return value[elementIndex(step, value.length) ?? -1];
  }
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** A copy with one member set: as a computed name in a literal `__proto__` is a member like any other. */
function withMember(object: JsonObject, name: string, value: JsonValue): JsonObject {
  return { ...object, [name]: value };
}

function withoutMember(object: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = object;
  return rest;
}

/** JSON equality (RFC 6902 section 4.6): numbers by value, whatever their type; members in any order. */
function isEqual(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (isArray(one) && isArray(other)) {
    return one.length === other.length && one.every((element, i) => isEqual(element, other[i]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
    );
  }
  if (typeof one === 'bigint' || typeof other === 'bigint') {
    const areNumbers = /^(bigint|number) (bigint|number)$/.test(`${typeof one} ${typeof other}`);
    // `==` compares a bigint and a number by exact value.
    // biome-ignore lint/suspicious/noDoubleEquals: see above
    return areNumbers && one == other;
  }
  return one === other;
}

/** Replaces the container that holds the last step of `path` by what `change` makes of it. */
function changeParent(
  root: JsonValue,
  path: readonly string[],
  place: OperationPlace,
  change: (parent: JsonValue, step: string) => JsonValue | undefined,
): JsonValue {
  const parents: JsonValue[] = [];
  let current: JsonValue | undefined = root;
  for (const step of path) {
    if (current === undefined) {
      break;
    }
    parents.push(current);
    current = childOf(current, step);
  }
  const parent = parents[path.length - 1];
  let changed = parent === undefined ? undefined : change(parent, path.at(-1) ?? '');
  if (changed === undefined) {
    throw patchError('ERR_PATCH_MISSING', place, 'the document has no such place');
  }
  for (let i = path.length - 2; i >= 0; i -= 1) {
    changed = setChild(parents[i] ?? null, path[i] ?? '', changed);
  }
  return changed;
}

function setChild(parent: JsonValue, step: string, value: JsonValue): JsonValue {
  if (isArray(parent)) {
    return parent.with(Number(step), value);
  }
  return isObject(parent) ? withMember(parent, step, value) : value;
}

function valueAt(root: JsonValue, path: readonly string[], place: OperationPlace): JsonValue {
  let current: JsonValue | undefined = root;
  for (const step of path) {
    current = childOf(current, step);
  }
  if (current === undefined) {
    throw patchError('ERR_PATCH_MISSING', place, 'the document has no such place');
  }
  return current;
}

function add(root: JsonValue, path: readonly string[], value: JsonValue, place: OperationPlace): JsonValue {
  if (path.length === 0) {
    return value;
  }
  return changeParent(root, path, place, (parent, step) => {
    if (isArray(parent)) {
      const index = step === '-' ? parent.length : elementIndex(step, parent.length + 1);
      return index === undefined ? undefined : parent.toSpliced(index, 0, value);
    }
    return isObject(parent) ? withMember(parent, step, value) : undefined;
  });
}

function remove(root: JsonValue, path: readonly string[], place: OperationPlace): JsonValue {
  return changeParent(root, path, place, (parent, step) => {
    if (childOf(parent, step) === undefined) {
      return undefined;
    }
    if (isArray(parent)) {
      return parent.toSpliced(Number(step), 1);
    }
    return isObject(parent) ? withoutMember(parent, step) : undefined;
  });
}

function replace(
  root: JsonValue,
  path: readonly string[],
  value: JsonValue,
  place: OperationPlace,
): JsonValue {
  if (path.length === 0) {
    return value;
  }
  return changeParent(root, path, place, (parent, step) => {
    return childOf(parent, step) === undefined ? undefined : setChild(parent, step, value);
  });
}

/** Carries out one operation on a plain value and returns the changed value. */
export function applyOperation(
  root: JsonValue,
  operation: CheckedOperation,
  place: OperationPlace,
): JsonValue {
  switch (operation.op) {
    case 'add':
      return add(root, operation.path, operation.value, place);
    case 'remove':
      return remove(root, operation.path, place);
    case 'replace':
      return replace(root, operation.path, operation.value, place);
    case 'copy':
      return add(root, operation.path, valueAt(root, operation.from, place), place);
    case 'move': {
      const value = valueAt(root, operation.from, place);
      // A move to where the value is changes nothing, not even the order of members.
      if (isSamePath(operation.from, operation.path)) {
        return root;
      }
      return add(remove(root, operation.from, place), operation.path, value, place);
    }
    case 'test':
      if (!isEqual(valueAt(root, operation.path, place), operation.value)) {
        throw patchError('ERR_PATCH_TEST', place, 'the value there is another one');
      }
      return root;
  }
}
