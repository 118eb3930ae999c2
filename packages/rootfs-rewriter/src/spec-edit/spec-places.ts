import { formatPointer, type JsonObject, type JsonValue } from '@opencontainers-ts/runtime-spec';
import { keyAt } from './keyed-lists.js';
import { canonicalText, sameJson } from './same-json.js';

/**
 * A place of a spec as people speak of it: a JSON Pointer in which the elements of keyed lists go by their key,
 * `/process/env/PATH` or `/mounts/~1sys/options/ro`, since their index says nothing.
 */
export type PlaceName = string;

/** The places at which two specs differ. */
export function changedPlaces(before: JsonObject, after: JsonObject): PlaceName[] {
  return changedIn(before, after, []);
}

function changedIn(before: JsonValue, after: JsonValue, place: readonly string[]): PlaceName[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      changedIn(memberOf(before, key), memberOf(after, key), [...place, key]),
    );
  }
  if (sameJson(before, after)) return [];
  // Objects stand above the first list on the way only, so that place and kind are still the same.
  const [olds, nexts] =
    Array.isArray(before) && Array.isArray(after)
      ? placesOfLists(before, after, place)
      : [placesOf(before, place), placesOf(after, place)];
  const names = new Set([...olds.keys(), ...nexts.keys()]);
  return [...names].filter((name) => olds.get(name) !== nexts.get(name));
}

type Places = Map<PlaceName, string>;

/** The places of two lists; nearly all elements are the same in both, and need no place for that. */
function placesOfLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  place: readonly string[],
): [Places, Places] {
  const [olds, nexts] = [elementsByStep(before, place), elementsByStep(after, place)];
  return olds === undefined || nexts === undefined
    ? [placesOf(before, place), placesOf(after, place)]
    : [placesOfOthers(olds, nexts, place), placesOfOthers(nexts, olds, place)];
}

type Elements = ReadonlyMap<string, JsonValue>;

/** `undefined` also where two elements have one step: what counts then, is said by all of the list. */
function elementsByStep(list: readonly JsonValue[], kind: readonly string[]): Elements | undefined {
  const steps = stepsInto(list, kind);
  if (steps === undefined) return undefined;
  const elements = new Map(list.map((element, index) => [steps[index] ?? '', element]));
  return elements.size === list.length ? elements : undefined;
}

function placesOfOthers(elements: Elements, others: Elements, place: readonly string[]): Places {
  const places: Places = new Map();
  for (const [step, element] of elements) {
    const other = others.get(step);
    if (other === undefined || !sameJson(element, other)) {
      collect(element, [...place, step], [...place, '*'], places);
    }
  }
  return places;
}

/** Every scalar by its place. What is empty or null is no place: an object that is made for what is put in it is no change. */
function placesOf(value: JsonValue, place: readonly string[]): Places {
  const places: Places = new Map();
  collect(value, place, place, places);
  return places;
}

function collect(value: JsonValue, place: readonly string[], kind: readonly string[], places: Places): void {
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
  places: Places,
): void {
  if (isSyscalls(kind)) {
    collectSyscalls(list, place, places);
    return;
  }
  const steps = stepsInto(list, kind);
  if (steps === undefined) {
    // Without keys only the list as a whole has a name.
    if (list.length > 0) places.set(formatPointer(place), canonicalText(list));
    return;
  }
  for (const [index, element] of list.entries()) {
    collect(element, [...place, steps[index] ?? ''], [...kind, '*'], places);
  }
}

const isSyscalls = (kind: readonly string[]) => kind.join('/') === 'linux/seccomp/syscalls';

/** The steps that lead to the elements of a list: their keys. `undefined` where not all have one, or it says nothing. */
function stepsInto(list: readonly JsonValue[], kind: readonly string[]): readonly string[] | undefined {
  const key = keyAt(kind);
  if (key === undefined || isSyscalls(kind)) return undefined;
  const steps: string[] = [];
  const seen = new Map<string, number>();
  for (const element of list) {
    const name = key(element);
    if (name === undefined) return undefined;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    steps.push(times === 1 ? name : `${name} (${times})`);
  }
  return steps;
}

/** A system call may stand in several entries, and an entry holds many: what counts is what is said about each. */
function collectSyscalls(list: readonly JsonValue[], place: readonly string[], places: Places) {
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
