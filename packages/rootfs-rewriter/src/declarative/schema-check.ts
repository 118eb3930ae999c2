import { formatPointer, quoted } from '@opencontainers-ts/runtime-spec';
import { nearMiss } from '../near-miss.js';
import { canonicalText } from './same-json.js';

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
  /** `is not a string`, to follow the name of the place. */
  readonly message: string;
}

type Place = readonly (string | number)[];

/** The first place of a value, in the order of its members, that the schema does not allow. */
export function findSchemaFault(schema: Schema, value: unknown): SchemaFault | undefined {
  return new SchemaCheck(schema).check(schema, value, []);
}

class SchemaCheck {
  readonly #root: Schema;

  constructor(root: Schema) {
    this.#root = root;
  }

  check(schema: Schema, value: unknown, place: Place): SchemaFault | undefined {
    if (schema.$ref !== undefined) return this.check(this.#defined(schema.$ref), value, place);
    for (const part of schema.allOf ?? []) {
      const found = this.check(part, value, place);
      if (found !== undefined) return found;
    }
    if (schema.anyOf !== undefined) return this.#checkAny(schema.anyOf, value, place);
    switch (schema.type) {
      case 'object':
        return this.#checkObject(schema, value, place);
      case 'array':
        return this.#checkArray(schema, value, place);
      case 'string':
        return checkString(schema, value, place);
      case 'integer':
        return checkInteger(schema, value, place);
      case 'boolean':
        return typeof value === 'boolean' ? undefined : fault(place, 'is neither true nor false');
      default:
        return schema.allOf === undefined ? checkAnyJson(value, place) : undefined;
    }
  }

  #defined(reference: string): Schema {
    const found = this.#root.$defs?.[reference.slice('#/$defs/'.length)];
    if (found === undefined) throw new TypeError(`the schema has no ${reference}`);
    return found;
  }

  /** Says what is wrong with the alternative that the value comes closest to: the one of its type. */
  #checkAny(alternatives: readonly Schema[], value: unknown, place: Place): SchemaFault | undefined {
    const faults = alternatives.map((alternative) => this.check(alternative, value, place));
    if (faults.includes(undefined)) return undefined;
    const inside = faults.find((found) => found !== undefined && found.pointer !== formatPointer(place));
    const messages = faults.flatMap((found) => (found === undefined ? [] : [found.message]));
    return inside ?? fault(place, messages.join(', and '));
  }

  #checkObject(schema: Schema, value: unknown, place: Place): SchemaFault | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlain(value)) {
      return fault(place, 'is not a table (an object)');
    }
    const entries = Object.entries(value);
    const missing = schema.required?.find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return fault(place, `lacks ${quoted(missing)}`);
    for (const [key, inner] of entries) {
      const found = this.#checkMember(schema, key, inner, [...place, key]);
      if (found !== undefined) return found;
    }
    return entries.length < (schema.minProperties ?? 0) ? fault(place, 'is empty') : undefined;
  }

  #checkMember(schema: Schema, key: string, value: unknown, place: Place): SchemaFault | undefined {
    const { properties = {}, additionalProperties: others, propertyNames } = schema;
    if (propertyNames !== undefined) {
      const found = checkString(propertyNames, key, place);
      if (found !== undefined) return fault(place, `is no name that is allowed here: it ${found.message}`);
    }
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known !== undefined) return this.check(known, value, place);
    if (others !== false) return others === undefined ? undefined : this.check(others, value, place);
    const names = Object.keys(properties);
    const meant = nearMiss(key, names);
    const guess = meant === undefined ? '' : `, did you mean ${quoted(meant)}?`;
    return fault(place, `is not known here${guess || ';'} known are ${names.join(', ')}`);
  }

  #checkArray(schema: Schema, value: unknown, place: Place): SchemaFault | undefined {
    if (!Array.isArray(value)) return fault(place, 'is not a list (an array)');
    for (const [index, item] of value.entries()) {
      const found = this.check(schema.items ?? {}, item, [...place, index]);
      if (found !== undefined) return found;
    }
    return value.length < (schema.minItems ?? 0) ? fault(place, 'is empty') : undefined;
  }
}

function checkString(schema: Schema, value: unknown, place: Place): SchemaFault | undefined {
  if (typeof value !== 'string') return fault(place, 'is not a string');
  if (value.length < (schema.minLength ?? 0)) return fault(place, 'is empty');
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return fault(place, `is ${quoted(value)}, none of ${schema.enum.join(', ')}`);
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    return fault(place, `is ${quoted(value)} and does not match ${schema.pattern}`);
  }
  return undefined;
}

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
    return fault(place, 'is not an integer');
  }
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) return fault(place, `is ${value}, less than ${minimum}`);
  const most = maximum === undefined ? undefined : (ROUNDED.get(maximum) ?? maximum);
  return most !== undefined && value > most ? fault(place, `is ${value}, more than ${most}`) : undefined;
}

function checkAnyJson(value: unknown, place: Place): SchemaFault | undefined {
  if (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    value === null
  ) {
    return undefined;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? undefined
      : fault(place, `is ${canonicalText(value)}, which cannot be written as JSON without loss`);
  }
  if (Array.isArray(value))
    return firstFault(value.map((item, index) => checkAnyJson(item, [...place, index])));
  if (typeof value !== 'object' || !isPlain(value)) return fault(place, 'is no JSON value');
  return firstFault(Object.entries(value).map(([key, inner]) => checkAnyJson(inner, [...place, key])));
}

function firstFault(faults: readonly (SchemaFault | undefined)[]): SchemaFault | undefined {
  return faults.find((found) => found !== undefined);
}

/** Dates, as TOML readers make them, are objects too. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function fault(place: Place, message: string): SchemaFault {
  return { pointer: formatPointer(place), message };
}
