import {
  formatPointer,
  type JsonObject,
  type JsonPatch,
  type JsonValue,
  type Operation,
} from '@opencontainers-ts/runtime-spec';
import { commonEnds, commonSubsequence } from './common-subsequence.js';
import { isAppended } from './keyed-list.js';
import { keyAt } from './keyed-lists.js';
import { canonicalText, sameJson } from './same-json.js';

type Place = readonly (string | number)[];

/**
 * The operations that turn one spec into the other, each at the smallest place. They do not name what stays.
 *
 * @example
 * ```ts
 * import { diffSpecs } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * const patch = diffSpecs({ process: { env: ['A=1'] } }, { process: { env: ['A=2'] } });
 * console.log(patch); // [ { op: 'replace', path: '/process/env/0', value: 'A=2' } ]
 * ```
 */
export function diffSpecs(before: JsonObject, after: JsonObject): JsonPatch {
  return diffValues(before, after, [], []);
}

// `place` is where operations point to, `kind` the same way with `*` for a step into a list: it tells what the list holds.
function diffValues(before: JsonValue, after: JsonValue, place: Place, kind: Place): Operation[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after)) return diffObjects(before, after, place, kind);
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, place, kind);
  return sameJson(before, after) ? [] : [{ op: 'replace', path: formatPointer(place), value: after }];
}

function diffObjects(before: JsonObject, after: JsonObject, place: Place, kind: Place): Operation[] {
  const operations: Operation[] = [];
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) operations.push({ op: 'remove', path: formatPointer([...place, key]) });
  }
  for (const key of Object.keys(after)) {
    const value = after[key] ?? null;
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    // Nearly all of them stay, and an interpreter takes longer to call than to look.
    if (old === value) continue;
    const here = [...place, key];
    if (old === undefined) operations.push({ op: 'add', path: formatPointer(here), value });
    else for (const each of diffValues(old, value, here, [...kind, key])) operations.push(each);
  }
  return operations;
}

function diffLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  place: Place,
  kind: Place,
): Operation[] {
  if (isAppended(before, after)) return additions(after.slice(before.length), place);
  const key = keyAt(kind);
  const identity = (element: JsonValue) => key?.(element) ?? canonicalText(element);
  let areEndsShared = true;
  const { front, back } = commonEnds(before, after, (old, next) => {
    areEndsShared = false;
    return identity(old) === identity(next);
  });
  const operations: Operation[] = [];
  const diffPairs = (from: number, to: number, offset: number) => {
    for (let at = from; at < to; at += 1) {
      const old = before[at - offset] ?? null;
      const next = after[at] ?? null;
      if (old !== next) operations.push(...diffValues(old, next, [...place, at], [...kind, '*']));
    }
  };
  if (!areEndsShared) diffPairs(0, front, 0);
  const olds = before.slice(front, before.length - back);
  const nexts = after.slice(front, after.length - back);
  let at = front;
  let length = before.length;
  for (const [i, j] of commonSubsequence(olds.map(identity), nexts.map(identity))) {
    const here = [...place, at];
    if (j === undefined) {
      operations.push({ op: 'remove', path: formatPointer(here) });
      length -= 1;
      continue;
    }
    const value = nexts[j] ?? null;
    if (i === undefined) {
      operations.push({ op: 'add', path: formatPointer(at === length ? [...place, '-'] : here), value });
      length += 1;
    } else {
      operations.push(...diffValues(olds[i] ?? null, value, here, [...kind, '*']));
    }
    at += 1;
  }
  if (!areEndsShared) diffPairs(after.length - back, after.length, after.length - before.length);
  return operations;
}

function additions(entries: readonly JsonValue[], list: Place): Operation[] {
  const path = formatPointer([...list, '-']);
  return entries.map((value) => ({ op: 'add', path, value }));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
