import { type JsonValue, printable, quoted } from '@opencontainers-ts/runtime-spec';

// What code hands over that nobody has checked is read here, member by member, once each, into values of our own: a getter
// or a Proxy has no second answer.

/** What is wrong with a value: where in it, and what, as the rest of a sentence. */
export class ValueFault extends Error {
  override readonly name = 'ValueFault';
}

/** Reads one value; `place` names it in a {@link ValueFault}. */
export type Read<T> = (value: unknown, place: string) => T;

/** Deeper values are refused: no specification nests a tenth of this, and a value that holds itself has no end. */
const DEEPEST = 512;

/** Longer lists are refused: a Proxy may say that it has no end. */
const LONGEST = 1_000_000;

/** Half a surrogate pair is no character: of `"\ud800"` each reader of JSON makes something else (RFC 8259, section 8.2). */
const HALF_A_PAIR = /\p{Surrogate}/u;

function wellFormed(text: string, place: string): string {
  return HALF_A_PAIR.test(text) ? wrong(text, place, 'well-formed Unicode') : text;
}

/** What a value is, in words: `a promise`, `the text "x"`, `null`. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the text ${quoted(value)}`;
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'a list';
      return typeof memberOf(value, 'then') === 'function' ? 'a promise' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** One look at a member; what the look throws is a fault of the value. */
export function memberOf(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch (cause) {
    throw new ValueFault(`its member ${quoted(name)} cannot be read`, { cause });
  }
}

function wrong(value: unknown, place: string, wanted: string): never {
  throw new ValueFault(`its member ${quoted(place)} is ${kindOf(value)}, not ${wanted}`);
}

/** A text; control and format characters in it become escapes, since it will be printed. */
export const readText: Read<string> = (value, place) =>
  typeof value === 'string' ? printable(value) : wrong(value, place, 'a text');

/** A text that says something. */
export const readWords: Read<string> = (value, place) =>
  typeof value === 'string' && value.trim() !== ''
    ? printable(value)
    : wrong(value, place, 'a text with words');

/** A text, to the last character. */
export const readExactText: Read<string> = (value, place) =>
  typeof value === 'string' ? wellFormed(value, place) : wrong(value, place, 'a text');

/** An absolute path. */
export const readPath: Read<string> = (value, place) =>
  typeof value === 'string' && value.startsWith('/')
    ? wellFormed(value, place)
    : wrong(value, place, 'an absolute path');

/** An integer of 64 bits, as bigint. */
export const readBigInt: Read<bigint> = (value, place) =>
  typeof value === 'bigint' ? value : wrong(value, place, 'a bigint');

/** An integer of 32 bits without a sign. */
export const readCount: Read<number> = (value, place) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
    ? value
    : wrong(value, place, 'an integer from 0 to 4294967295');

/** A boolean. */
export const readFlag: Read<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : wrong(value, place, 'true or false');

/** A text that matches. */
export const readMatch =
  (pattern: RegExp, wanted: string): Read<string> =>
  (value, place) =>
    typeof value === 'string' && pattern.test(value) ? value : wrong(value, place, wanted);

/** One of several texts. */
export const readOneOf =
  <T extends string>(...texts: readonly T[]): Read<T> =>
  (value, place) =>
    texts.find((text) => text === value) ??
    wrong(value, place, texts.map((text) => quoted(text)).join(' or '));

/** A list of such values. */
export const readList =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, place) => {
    const list = Array.isArray(value) ? value : wrong(value, place, 'a list');
    const length = Number(memberOf(list, 'length'));
    if (!(length <= LONGEST))
      throw new ValueFault(`its member ${quoted(place)} has more than ${LONGEST} elements`);
    const items: T[] = [];
    for (let index = 0; index < length; index += 1) {
      items.push(read(memberOf(list, String(index)), `${place}/${index}`));
    }
    return items;
  };

/** A table of such values under keys that match. */
export const readTable =
  <T>(read: Read<T>, keys: RegExp = /^/): Read<Readonly<Record<string, T>>> =>
  (value, place) => {
    const table = isTable(value) ? value : wrong(value, place, 'an object');
    return Object.fromEntries(
      keysOf(table).map((key) => {
        if (!keys.test(key)) throw new ValueFault(`its member ${quoted(place)} has the key ${quoted(key)}`);
        return [wellFormed(key, place), read(memberOf(table, key), `${place}/${key}`)];
      }),
    );
  };

/** How the members of an object are read; `optional` ones may be left out, and `undefined` is left out. */
export interface Members<T> {
  readonly required: { readonly [K in keyof T as undefined extends T[K] ? never : K]: Read<T[K]> };
  readonly optional?: {
    readonly [K in keyof T as undefined extends T[K] ? K : never]?: Read<Exclude<T[K], undefined>>;
  };
}

/** An object of these members and no others: one that is misspelt would be lost without a word. */
export function readMembers<T extends object>({ required, optional = {} }: Members<T>): Read<T> {
  const reads = new Map<string, Read<unknown>>(Object.entries({ ...required, ...optional }));
  return (value, place) => {
    if (!isTable(value)) return wrong(value, place, 'an object');
    const below = (name: string) => (place === '' ? name : `${place}/${name}`);
    const unknown = keysOf(value).find((name) => !reads.has(name));
    if (unknown !== undefined)
      throw new ValueFault(`it has the member ${quoted(below(unknown))}, which is none`);
    const members: [string, unknown][] = [];
    for (const [name, read] of reads) {
      const member = memberOf(value, name);
      if (member !== undefined) members.push([name, read(member, below(name))]);
      else if (Object.hasOwn(required, name))
        throw new ValueFault(`it lacks the member ${quoted(below(name))}`);
    }
    return Object.fromEntries(members) as T;
  };
}

/** A JSON value; integers may be bigint. */
export const readJson: Read<JsonValue> = (value, place) => jsonAt(value, place, 0);

function jsonAt(value: unknown, place: string, depth: number): JsonValue {
  if (depth > DEEPEST)
    throw new ValueFault(`its member ${quoted(place)} nests more than ${DEEPEST} levels deep`);
  const inner: Read<JsonValue> = (each, at) => jsonAt(each, at, depth + 1);
  if (Array.isArray(value)) return readList(inner)(value, place);
  if (isTable(value))
    return isPlain(value) ? readTable(inner)(value, place) : wrong(value, place, 'a JSON value');
  switch (typeof value) {
    case 'string':
      return wellFormed(value, place);
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : wrong(value, place, 'a number of JSON');
    default:
      return value === null ? null : wrong(value, place, 'a JSON value');
  }
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether its members are all of it: those of a Date or a Map are not. Not `instanceof`: it may be of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = prototypeOf(value);
  return prototype === null || (typeof prototype === 'object' && prototypeOf(prototype as object) === null);
}

function prototypeOf(value: object): unknown {
  try {
    return Reflect.getPrototypeOf(value);
  } catch (cause) {
    throw new ValueFault('its prototype cannot be read', { cause });
  }
}

function keysOf(value: object): readonly string[] {
  try {
    return Object.keys(value);
  } catch (cause) {
    throw new ValueFault('its members cannot be listed', { cause });
  }
}
