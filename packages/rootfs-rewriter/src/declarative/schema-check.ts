import { formatPointer, quoted } from '@opencontainers-ts/runtime-spec';
import { probablyMeant } from '../spec-edit/near-words.js';
import { canonicalText } from '../spec-edit/same-json.js';

/** The part of JSON Schema (draft 2020-12) that the schema of a rule is written in. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | Schema;
  readonly propertyNames?: Schema;
  readonly minProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What is wrong with a value, and where. */
export interface SchemaFault {
  readonly pointer: string;
  /** `must be a text, ...`, to follow the name of the place. */
  readonly message: string;
}

type Place = readonly (string | number)[];

/** The places of a value, in the order of its members, that the schema does not allow; at most `most` of them. */
export function findSchemaFaults(schema: Schema, value: unknown, most: number): readonly SchemaFault[] {
  const found: SchemaFault[] = [];
  for (const each of new SchemaCheck(schema).check(schema, value, [])) {
    found.push(each);
    if (found.length === most) break;
  }
  return found;
}

class SchemaCheck {
  readonly #root: Schema;

  constructor(root: Schema) {
    this.#root = root;
  }

  *check(schema: Schema, value: unknown, place: Place): Generator<SchemaFault> {
    if (schema.$ref !== undefined) return yield* this.check(this.#defined(schema.$ref), value, place);
    for (const part of schema.allOf ?? []) yield* this.check(part, value, place);
    if (schema.anyOf !== undefined) return yield* this.#checkAny(schema.anyOf, value, place);
    switch (schema.type) {
      case 'object':
        return yield* this.#checkObject(schema, value, place);
      case 'array':
        return yield* this.#checkArray(schema, value, place);
      case 'string':
        return yield* faultsOf(checkString(schema, value, place));
      case 'integer':
        return yield* faultsOf(checkInteger(schema, value, place));
      case 'boolean':
        return yield* faultsOf(typeof value === 'boolean' ? undefined : isBut(place, value, BOOLEAN));
      default:
        if (schema.allOf === undefined) yield* checkAnyJson(value, place);
    }
  }

  #defined(reference: string): Schema {
    const found = this.#root.$defs?.[reference.slice('#/$defs/'.length)];
    if (found === undefined) throw new TypeError(`the schema has no ${reference}`);
    return found;
  }

  /** Says what is wrong with the alternative that the value comes closest to: the one of its type. */
  *#checkAny(alternatives: readonly Schema[], value: unknown, place: Place): Generator<SchemaFault> {
    const faults = alternatives.map((alternative) => [...this.check(alternative, value, place)]);
    if (faults.some(({ length }) => length === 0)) return;
    const here = formatPointer(place);
    const inside = faults.find((found) => found.some(({ pointer }) => pointer !== here));
    if (inside !== undefined) return yield* inside;
    const ofItsType = faults.find((_, index) => isOfType(alternatives[index], value, this.#root));
    if (ofItsType !== undefined) return yield* ofItsType;
    const wanted = alternatives.map((alternative) => wantedOf(alternative, this.#root));
    yield isBut(place, value, wanted.join(', or '));
  }

  *#checkObject(schema: Schema, value: unknown, place: Place): Generator<SchemaFault> {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlain(value)) {
      yield isBut(place, value, TABLE);
      return;
    }
    const entries = Object.entries(value);
    for (const missing of (schema.required ?? []).filter((name) => !Object.hasOwn(value, name))) {
      yield fault(place, `lacks ${quoted(missing)}`);
    }
    for (const [key, inner] of entries) {
      yield* this.#checkMember(schema, key, inner, [...place, key]);
    }
    if (entries.length < (schema.minProperties ?? 0)) yield fault(place, 'is empty');
  }

  *#checkMember(schema: Schema, key: string, value: unknown, place: Place): Generator<SchemaFault> {
    const { properties = {}, additionalProperties: others, propertyNames } = schema;
    if (propertyNames !== undefined) {
      const found = checkString(propertyNames, key, place);
      if (found !== undefined) {
        yield fault(place, `cannot be a name here: it ${found.message}`);
        return;
      }
    }
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known !== undefined) return yield* this.check(known, value, place);
    if (others !== false) {
      if (others !== undefined) yield* this.check(others, value, place);
      return;
    }
    const names = Object.keys(properties);
    const meant = probablyMeant(key, names);
    const guess = meant === undefined ? ';' : `, did you mean ${quoted(meant)}?`;
    yield fault(place, `is not known here${guess} known are ${names.join(', ')}`);
  }

  *#checkArray(schema: Schema, value: unknown, place: Place): Generator<SchemaFault> {
    if (!Array.isArray(value)) {
      yield isBut(place, value, LIST);
      return;
    }
    for (const [index, item] of value.entries()) {
      yield* this.check(schema.items ?? {}, item, [...place, index]);
    }
    if (value.length < (schema.minItems ?? 0)) yield fault(place, 'is empty');
  }
}

const BOOLEAN = 'true or false, without quotes';
const TABLE = 'a table (an object)';
const LIST = 'a list (an array, in square brackets)';
const TEXT = 'a text, in quotes';
const INTEGER = 'a whole number, without quotes';

function isOfType(schema: Schema | undefined, value: unknown, root: Schema): boolean {
  const type = resolved(schema ?? {}, root).type;
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'array':
      return Array.isArray(value);
    default:
      return typeof value === type && !Array.isArray(value);
  }
}

/** What a schema wants, where a value is not even of its type. */
function wantedOf(schema: Schema, root: Schema): string {
  const { type, enum: allowed } = resolved(schema, root);
  if (allowed !== undefined) return `${allowed.map(quoted).join(' or ')}, in quotes`;
  const names = { object: TABLE, array: LIST, string: TEXT, integer: INTEGER, boolean: BOOLEAN };
  return type === undefined ? 'a value' : names[type];
}

function resolved(schema: Schema, root: Schema): Schema {
  return schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.slice('#/$defs/'.length)] ?? {});
}

function* faultsOf(found: SchemaFault | undefined): Generator<SchemaFault> {
  if (found !== undefined) yield found;
}

function checkString(schema: Schema, value: unknown, place: Place): SchemaFault | undefined {
  if (typeof value !== 'string') return isBut(place, value, TEXT);
  if (value.length < (schema.minLength ?? 0)) return fault(place, 'is empty');
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const allowed = schema.enum.map(quoted).join(', ');
    const { message } = isBut(place, value, schema.enum.length === 1 ? allowed : `one of ${allowed}`);
    const meant = probablyMeant(value, schema.enum);
    return fault(place, meant === undefined ? message : `${message}; did you mean ${quoted(meant)}?`);
  }
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value)
    ? undefined
    : isBut(place, value, PATTERN_TEXTS.get(schema.pattern) ?? `of the form ${schema.pattern}`);
}

/** What the patterns of the schema ask for, in words. */
export const PATTERN_TEXTS: ReadonlyMap<string, string> = new Map([
  ['^/', 'an absolute path'],
  ['^\\S(?:.*\\S)?$', 'a name or an absolute path, without blanks around it'],
  ['^[^=\\u0000]+$', 'a name without "=" and without NUL characters'],
  ['^[^\\u0000]*$', 'without NUL characters'],
  ['^[rwm]{1,3}$', 'made of the letters r (read), w (write) and m (mknod)'],
  ['^[rwm]{0,3}$', 'made of the letters r (read), w (write) and m (mknod)'],
  ['^[A-Za-z0-9_]+$', 'a name such as "CAP_NET_ADMIN"'],
  ['^[A-Za-z_]+$', 'a name such as "RLIMIT_NOFILE"'],
]);

// A bound beyond 2^53 was rounded when the schema was read: up to the power of two that is no 64-bit number any more.
const ROUNDED: ReadonlyMap<number, bigint> = new Map([
  [2 ** 64, 2n ** 64n - 1n],
  [2 ** 63, 2n ** 63n - 1n],
]);

function checkInteger(schema: Schema, value: unknown, place: Place): SchemaFault | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return fault(place, 'is beyond 2^53, and JavaScript has rounded it: give a bigint');
  }
  if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value))) {
    return isBut(place, value, INTEGER);
  }
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) return fault(place, `is ${value}, less than ${minimum}`);
  const most = maximum === undefined ? undefined : (ROUNDED.get(maximum) ?? maximum);
  return most !== undefined && value > most ? fault(place, `is ${value}, more than ${most}`) : undefined;
}

function* checkAnyJson(value: unknown, place: Place): Generator<SchemaFault> {
  if (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    value === null
  ) {
    return;
  }
  if (typeof value === 'number') {
    const isKept = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    if (!isKept)
      yield fault(place, `is ${canonicalText(value)}, which cannot be written as JSON without loss`);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* checkAnyJson(item, [...place, index]);
    return;
  }
  if (typeof value !== 'object' || !isPlain(value)) {
    yield fault(place, 'is not a JSON value');
    return;
  }
  for (const [key, inner] of Object.entries(value)) yield* checkAnyJson(inner, [...place, key]);
}

/** Dates, as TOML readers make them, are objects too. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What has to be, and what is there. */
function isBut(place: Place, value: unknown, wanted: string): SchemaFault {
  return fault(place, `must be ${wanted}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return `${value}`;
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && isPlain(value) ? 'a table' : 'no plain value';
}

function fault(place: Place, message: string): SchemaFault {
  return { pointer: formatPointer(place), message };
}
