import { formatPointer, type JsonValue, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import { items, members, text } from '../spec-fields.js';
import { sameJson } from './same-json.js';

/** An object of a spec. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** Names that lead to a place of a spec. */
export type Path = readonly string[];

/**
 * The spec as a value in which every integer is exact: those that a JavaScript number would round (RLIM_INFINITY is
 * 18446744073709551615) are read from the text, as bigint.
 */
export function exactSpec(document: SpecDocument): JsonObject {
  const spec = document.spec as unknown as JsonObject;
  return isRounded(spec) ? (exact(document, spec, []) as JsonObject) : spec;
}

/** Whether a number in it may have been rounded as it was read. */
function isRounded(value: JsonValue): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(isRounded);
}

function exact(document: SpecDocument, value: JsonValue, path: readonly (string | number)[]): JsonValue {
  if (!isRounded(value)) return value;
  if (typeof value === 'number') {
    const token = document.source(formatPointer(path)) ?? '';
    return /^-?\d+$/.test(token) ? BigInt(token) : value;
  }
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    return list.map((item, index) => exact(document, item, [...path, index]));
  }
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, inner]) => [key, exact(document, inner, [...path, key])]),
  );
}

/** What stands at a place; `undefined` where nothing does, and where an object on the way is absent or null. */
export function valueAt(spec: JsonObject, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = spec;
  for (const [depth, step] of path.entries()) {
    const object: Readonly<Record<string, unknown>> = members(value, formatPointer(path.slice(0, depth)));
    value = Object.hasOwn(object, step) ? (object[step] as JsonValue) : undefined;
  }
  return value;
}

/** The object at a place; empty where it is absent or null. Another type refuses with `ERR_SPEC_FIELD`. */
export function objectAt(spec: JsonObject, path: Path): JsonObject {
  return members(valueAt(spec, path), formatPointer(path)) as JsonObject;
}

/** The list at a place; empty where it is absent or null. Another type refuses with `ERR_SPEC_FIELD`. */
export function listAt(spec: JsonObject, path: Path): readonly JsonValue[] {
  return items(valueAt(spec, path), formatPointer(path)) as readonly JsonValue[];
}

/** A list of objects. Another type refuses with `ERR_SPEC_FIELD`. */
export function objectsAt(spec: JsonObject, path: Path): readonly JsonObject[] {
  return listAt(spec, path).map(
    (item, index) => members(item, formatPointer([...path, index])) as JsonObject,
  );
}

/** A list of strings. Another type refuses with `ERR_SPEC_FIELD`. */
export function textsAt(spec: JsonObject, path: Path): readonly string[] {
  return listAt(spec, path).map((item, index) => text(item, formatPointer([...path, index])));
}

/** The string member of an object that stands at a place; empty where it is absent. */
export function textOf(object: JsonObject, key: string, place: readonly (string | number)[]): string {
  return text(Object.hasOwn(object, key) ? object[key] : undefined, formatPointer([...place, key]));
}

/** The list of strings that an object holds; empty where it is absent. */
export function textsOf(
  object: JsonObject,
  key: string,
  place: readonly (string | number)[],
): readonly string[] {
  const list = items(Object.hasOwn(object, key) ? object[key] : undefined, formatPointer([...place, key]));
  return list.map((item, index) => text(item, formatPointer([...place, key, index])));
}

/** The spec with a value at a place; objects on the way that are absent or null are made. Equal values change nothing. */
export function withValue(spec: JsonObject, path: Path, value: JsonValue): JsonObject {
  const present = valueAt(spec, path);
  return present !== undefined && sameJson(present, value) ? spec : put(spec, path, value);
}

/** The spec with a list at a place. An empty one is not put where none was. */
export function withList(spec: JsonObject, path: Path, list: readonly JsonValue[]): JsonObject {
  return list.length === 0 && listAt(spec, path).length === 0 ? spec : withValue(spec, path, list);
}

/** The spec without the member at a place. */
export function withoutValue(spec: JsonObject, path: Path): JsonObject {
  if (valueAt(spec, path) === undefined) return spec;
  const above = path.slice(0, -1);
  const { [path.at(-1) ?? '']: _, ...rest } = objectAt(spec, above);
  return put(spec, above, rest);
}

function put(object: JsonObject, [step, ...rest]: Path, value: JsonValue): JsonObject {
  if (step === undefined) return value as JsonObject;
  const inner = Object.hasOwn(object, step) ? object[step] : undefined;
  const child = rest.length === 0 ? value : put((inner ?? {}) as JsonObject, rest, value);
  return { ...object, [step]: child };
}
