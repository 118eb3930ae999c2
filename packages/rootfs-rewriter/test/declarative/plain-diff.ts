// The difference of two specs where time does not count: every element is compared. What the package does is held to it.

import {
  formatPointer,
  type JsonObject,
  type JsonPatch,
  type JsonValue,
  type Operation,
} from '@opencontainers-ts/runtime-spec';
import { commonSubsequence, type Pair } from '../../src/spec-edit/common-subsequence.js';
import { keyAt } from '../../src/spec-edit/keyed-lists.js';
import { canonicalText, sameJson } from '../../src/spec-edit/same-json.js';

type Place = readonly (string | number)[];

export function plainDiff(before: JsonObject, after: JsonObject): JsonPatch {
  return diffValues(before, after, [], []);
}

// `place` is where operations point to, `kind` the same way with `*` for a step into a list: it tells what the list holds.
function diffValues(before: JsonValue, after: JsonValue, place: Place, kind: Place): Operation[] {
  if (sameJson(before, after)) return [];
  if (isObject(before) && isObject(after)) return diffObjects(before, after, place, kind);
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, place, kind);
  return [{ op: 'replace', path: formatPointer(place), value: after }];
}

function diffObjects(before: JsonObject, after: JsonObject, place: Place, kind: Place): Operation[] {
  const removed = Object.keys(before)
    .filter((key) => !Object.hasOwn(after, key))
    .map((key): Operation => ({ op: 'remove', path: formatPointer([...place, key]) }));
  const rest = Object.entries(after).flatMap(([key, value]): Operation[] => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    return old === undefined
      ? [{ op: 'add', path: formatPointer([...place, key]), value }]
      : diffValues(old, value, [...place, key], [...kind, key]);
  });
  return [...removed, ...rest];
}

function diffLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  place: Place,
  kind: Place,
): Operation[] {
  const key = keyAt(kind);
  const identity = (element: JsonValue) => key?.(element) ?? canonicalText(element);
  const operations: Operation[] = [];
  let at = 0;
  let length = before.length;
  for (const { old, next } of alignLists(before, after, identity)) {
    const here = [...place, at];
    if (next === undefined) {
      operations.push({ op: 'remove', path: formatPointer(here) });
      length -= 1;
      continue;
    }
    if (old === undefined) {
      operations.push({
        op: 'add',
        path: formatPointer(at === length ? [...place, '-'] : here),
        value: next,
      });
      length += 1;
    } else {
      operations.push(...diffValues(old, next, here, [...kind, '*']));
    }
    at += 1;
  }
  return operations;
}

interface Aligned {
  readonly old?: JsonValue | undefined;
  readonly next?: JsonValue | undefined;
}

/** Pairs the elements that stay, by their identity and in order. */
function alignLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  identity: (element: JsonValue) => string,
): Aligned[] {
  const olds = before.map(identity);
  const nexts = after.map(identity);
  return alignedPairs(olds, nexts).map(([i, j]) => ({
    ...(i === undefined ? {} : { old: before[i] }),
    ...(j === undefined ? {} : { next: after[j] }),
  }));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function alignedPairs(olds: readonly string[], nexts: readonly string[]): Pair[] {
  let front = 0;
  while (front < olds.length && front < nexts.length && olds[front] === nexts[front]) front += 1;
  let back = 0;
  const most = Math.min(olds.length, nexts.length) - front;
  while (back < most && olds.at(-1 - back) === nexts.at(-1 - back)) back += 1;
  const middle = commonSubsequence(
    olds.slice(front, olds.length - back),
    nexts.slice(front, nexts.length - back),
  );
  return [
    ...Array.from({ length: front }, (_, index): Pair => [index, index]),
    ...middle.map(([i, j]): Pair => [i === undefined ? i : i + front, j === undefined ? j : j + front]),
    ...Array.from(
      { length: back },
      (_, index): Pair => [olds.length - back + index, nexts.length - back + index],
    ),
  ];
}
