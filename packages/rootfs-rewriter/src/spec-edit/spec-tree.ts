import {
  formatPointer,
  type JsonObject,
  type JsonValue,
  type SpecDocument,
} from '@opencontainers-ts/runtime-spec';
import { sameJson } from './same-json.js';
import { items, members, text, texts } from './spec-fields.js';

/** A place in a spec: member names from the top. */
export type Path = readonly string[];

/**
 * The spec as a value with exact integers: those that a JavaScript number would round (RLIM_INFINITY is
 * 18446744073709551615) are read from the text as bigint.
 *
 * @example
 * ```ts
 * import { exactSpec, valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 * import { SpecDocument } from '@opencontainers-ts/runtime-spec';
 *
 * const text = '{"linux":{"resources":{"memory":{"limit":9223372036854775807}}}}';
 * const spec = exactSpec(SpecDocument.parse(new TextEncoder().encode(text)));
 * console.log(String(valueAt(spec, ['linux', 'resources', 'memory', 'limit']))); // 9223372036854775807
 * ```
 */
export function exactSpec(document: SpecDocument): JsonObject {
  return exactOf(document, document.spec as unknown as JsonObject);
}

/**
 * What {@link exactSpec} has at some JSON Pointers, and on the way to that: see `SpecDocument.excerpt`.
 *
 * @example
 * ```ts
 * import { exactExcerpt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 * import { documentOf, makeSpec } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const document = documentOf({ ...makeSpec(), root: { path: 'rootfs' } });
 * console.log(exactExcerpt(document, ['/root/path'])); // { root: { path: 'rootfs' } }
 * ```
 */
export function exactExcerpt(document: SpecDocument, pointers: readonly string[]): JsonObject {
  return exactOf(document, document.excerpt(pointers) as JsonObject);
}

function exactOf(document: SpecDocument, spec: JsonObject): JsonObject {
  return isRounded(spec) ? (exact(document, spec, undefined) as JsonObject) : spec;
}

/** Whether a number in it may have been rounded as it was read. Loops: most values are texts, and there may be thousands. */
function isRounded(value: JsonValue): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return false;
  const inner: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value);
  for (let at = 0; at < inner.length; at += 1) {
    if (typeof inner[at] !== 'string' && isRounded(inner[at] ?? null)) return true;
  }
  return false;
}

/** A step on the way to a value; spelled out only where a number has been rounded. */
interface Way {
  readonly above: Way | undefined;
  readonly step: string | number;
}

/** The value itself where nothing in it was rounded. */
function exact(document: SpecDocument, value: JsonValue, way: Way | undefined): JsonValue {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? value : exactNumber(document, value, way);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    const exactList = list.map((item, step) => exact(document, item, { above: way, step }));
    return exactList.every((item, index) => item === list[index]) ? value : exactList;
  }
  const members = Object.entries(value as JsonObject);
  const exactMembers = members.map(([step, inner]) => exact(document, inner, { above: way, step }));
  return exactMembers.every((member, index) => member === members[index]?.[1])
    ? value
    : Object.fromEntries(members.map(([name, inner], index) => [name, exactMembers[index] ?? inner]));
}

function exactNumber(document: SpecDocument, value: number, way: Way | undefined): number | bigint {
  const path: (string | number)[] = [];
  for (let at = way; at !== undefined; at = at.above) path.push(at.step);
  const token = document.source(formatPointer(path.reverse())) ?? '';
  return /^-?\d+$/.test(token) ? BigInt(token) : value;
}

/**
 * The value at a place; `undefined` if there is none, also if an object on the way is absent or null.
 *
 * @example
 * ```ts
 * import { valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(valueAt({ root: { path: 'rootfs' } }, ['root', 'path'])); // rootfs
 * ```
 */
export function valueAt(spec: JsonObject, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = spec;
  for (let depth = 0; depth < path.length; depth += 1) {
    const object: Readonly<Record<string, unknown>> = members(value, path.slice(0, depth));
    const step = path[depth] ?? '';
    value = Object.hasOwn(object, step) ? (object[step] as JsonValue) : undefined;
  }
  return value;
}

/**
 * The object at a place; empty if it is absent or null. A value of another type is a refusal with `ERR_SPEC_FIELD`.
 *
 * @example
 * ```ts
 * import { objectAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(objectAt({ linux: null }, ['linux'])); // {}
 * ```
 */
export function objectAt(spec: JsonObject, path: Path): JsonObject {
  return members(valueAt(spec, path), path) as JsonObject;
}

/**
 * The list at a place; empty if it is absent or null. A value of another type is a refusal with `ERR_SPEC_FIELD`.
 *
 * @example
 * ```ts
 * import { listAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(listAt({ mounts: null }, ['mounts'])); // []
 * ```
 */
export function listAt(spec: JsonObject, path: Path): readonly JsonValue[] {
  return items(valueAt(spec, path), path) as readonly JsonValue[];
}

/**
 * The list of objects at a place. A value of another type is a refusal with `ERR_SPEC_FIELD`.
 *
 * @example
 * ```ts
 * import { objectsAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(objectsAt({ mounts: [{ destination: '/proc' }] }, ['mounts'])); // [ { destination: '/proc' } ]
 * ```
 */
export function objectsAt(spec: JsonObject, path: Path): readonly JsonObject[] {
  return listAt(spec, path).map((item, index) => members(item, [...path, index]) as JsonObject);
}

/**
 * The list of strings at a place. A value of another type is a refusal with `ERR_SPEC_FIELD`.
 *
 * @example
 * ```ts
 * import { textsAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(textsAt({ process: { env: ['PATH=/bin'] } }, ['process', 'env'])); // [ 'PATH=/bin' ]
 * ```
 */
export function textsAt(spec: JsonObject, path: Path): readonly string[] {
  return texts(valueAt(spec, path), path);
}

/**
 * A string member of the object at a place; empty if it is absent.
 *
 * @example
 * ```ts
 * import { textOf } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(textOf({ destination: '/proc' }, 'destination', ['mounts', 0])); // /proc
 * ```
 */
export function textOf(object: JsonObject, key: string, place: readonly (string | number)[]): string {
  return text(Object.hasOwn(object, key) ? object[key] : undefined, place, key);
}

/**
 * A list of strings that is a member of an object; empty if it is absent.
 *
 * @example
 * ```ts
 * import { textsOf } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(textsOf({ options: ['ro'] }, 'options', ['mounts', 0])); // [ 'ro' ]
 * ```
 */
export function textsOf(
  object: JsonObject,
  key: string,
  place: readonly (string | number)[],
): readonly string[] {
  return texts(Object.hasOwn(object, key) ? object[key] : undefined, place, key);
}

/**
 * The spec with a value at a place. Objects on the way that are absent or null are created. An equal value changes nothing.
 *
 * @example
 * ```ts
 * import { withValue } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(withValue({}, ['process', 'cwd'], '/')); // { process: { cwd: '/' } }
 * ```
 */
export function withValue(spec: JsonObject, path: Path, value: JsonValue): JsonObject {
  const present = valueAt(spec, path);
  return present !== undefined && sameJson(present, value) ? spec : put(spec, path, value);
}

/**
 * The spec with a list at a place. An empty list is not added if there was none.
 *
 * @example
 * ```ts
 * import { withList } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(withList({}, ['mounts'], [])); // {}
 * ```
 */
export function withList(spec: JsonObject, path: Path, list: readonly JsonValue[]): JsonObject {
  return list.length === 0 && listAt(spec, path).length === 0 ? spec : withValue(spec, path, list);
}

/**
 * The spec without the member at a place.
 *
 * @example
 * ```ts
 * import { withoutValue } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(withoutValue({ annotations: { a: 'b' } }, ['annotations', 'a'])); // { annotations: {} }
 * ```
 */
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
