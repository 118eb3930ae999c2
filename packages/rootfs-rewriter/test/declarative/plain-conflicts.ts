// How two documents are compared where time does not count: all of them, place by place. What the package does is held to it.

import { formatPointer, type JsonObject, type JsonValue } from '@opencontainers-ts/runtime-spec';
import type { Doing } from '../../src/planning/rule-conflicts.js';
import { keyAt } from '../../src/spec-edit/keyed-lists.js';
import { PlaceSet } from '../../src/spec-edit/place-set.js';
import { canonicalText, sameJson } from '../../src/spec-edit/same-json.js';
import type { PlaceName } from '../../src/spec-edit/spec-places.js';
import { exactSpec } from '../../src/spec-edit/spec-tree.js';

/** The rules that conflict with one, and the place, as `findConflict` tells them. */
export function plainConflict(
  earlier: readonly Doing[],
  doing: Doing,
): { readonly rules: readonly string[]; readonly path: PlaceName } | undefined {
  if (doing.rule.override === true) return undefined;
  const consumed = new PlaceSet(doing.outcome.kind === 'rewrite' ? (doing.outcome.consumes ?? []) : []);
  const changed = placesOfDoing(doing).filter((place) => !consumed.covers(place));
  for (const other of earlier) {
    const held = new PlaceSet([...(other.outcome.holds ?? []), ...placesOfDoing(other)]);
    const path = changed.find((each) => held.touches(each));
    if (path !== undefined) return { rules: [other.rule.name, doing.rule.name], path };
  }
  return undefined;
}

function placesOfDoing({ before, after }: Doing): readonly PlaceName[] {
  return before === after ? [] : plainChangedPlaces(exactSpec(before), exactSpec(after));
}

/** The places at which two specs differ. */
export function plainChangedPlaces(before: JsonObject, after: JsonObject): PlaceName[] {
  return changedIn(before, after, []);
}

function changedIn(before: JsonValue, after: JsonValue, place: readonly string[]): PlaceName[] {
  if (sameJson(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      changedIn(memberOf(before, key), memberOf(after, key), [...place, key]),
    );
  }
  // Objects stand above the first list on the way only, so that place and kind are still the same.
  const [olds, nexts] = [placesOf(before, place), placesOf(after, place)];
  const names = new Set([...olds.keys(), ...nexts.keys()]);
  return [...names].filter((name) => olds.get(name) !== nexts.get(name));
}

/** Every scalar by its place. What is empty or null is no place: an object that is made for what is put in it is no change. */
function placesOf(value: JsonValue, place: readonly string[]): Map<PlaceName, string> {
  const places = new Map<PlaceName, string>();
  collect(value, place, place, places);
  return places;
}

function collect(
  value: JsonValue,
  place: readonly string[],
  kind: readonly string[],
  places: Map<PlaceName, string>,
): void {
  if (Array.isArray(value)) {
    collectList(value, place, kind, places);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) collect(inner, [...place, key], [...kind, key], places);
  } else if (value !== null) {
    places.set(formatPointer(place), canonicalText(value));
  }
}

function collectList(
  list: readonly JsonValue[],
  place: readonly string[],
  kind: readonly string[],
  places: Map<PlaceName, string>,
): void {
  if (kind.join('/') === 'linux/seccomp/syscalls') {
    collectSyscalls(list, place, places);
    return;
  }
  const key = keyAt(kind);
  const keys = list.map((element) => key?.(element));
  if (key === undefined || keys.includes(undefined)) {
    // Without keys only the list as a whole has a name.
    if (list.length > 0) places.set(formatPointer(place), canonicalText(list));
    return;
  }
  const seen = new Map<string, number>();
  for (const [index, element] of list.entries()) {
    const name = keys[index] ?? '';
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const step = times === 1 ? name : `${name} (${times})`;
    collect(element, [...place, step], [...kind, '*'], places);
  }
}

/** A system call may stand in several entries, and an entry holds many: what counts is what is said about each. */
function collectSyscalls(
  list: readonly JsonValue[],
  place: readonly string[],
  places: Map<PlaceName, string>,
) {
  for (const entry of list) {
    const { names, ...verdict } = (typeof entry === 'object' && entry !== null ? entry : {}) as JsonObject;
    const said = canonicalText(verdict);
    for (const name of Array.isArray(names) ? names : []) {
      const at = formatPointer([...place, String(name)]);
      places.set(at, `${places.get(at) ?? ''}${said}`);
    }
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberOf(object: JsonObject, key: string): JsonValue {
  return (Object.hasOwn(object, key) ? object[key] : undefined) ?? null;
}
