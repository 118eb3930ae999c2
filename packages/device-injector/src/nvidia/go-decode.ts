import type { GoJson, GoMember } from './go-json.js';

/** A value that does not fit the Go type that it is decoded into. Go goes on, and reports the first one at the end. */
export class GoTypeError extends Error {
  override readonly name = 'GoTypeError';

  /**
   * @param found - what Go calls the value: `array`, `number 1.5`, ...
   * @param into - `struct field Spec.process of type main.Process`, or `value of type []string`
   */
  constructor(found: string, into: string) {
    super(`json: cannot unmarshal ${found} into Go ${into}`);
  }
}

/** Where a value is to go: the Go struct, and the names of JSON members from the top to it. */
export interface GoPlace {
  readonly struct: string;
  readonly path: readonly string[];
}

/** Names as encoding/json compares them: case does not count, also for the two letters outside ASCII that fold to one. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll('ſ', 's').replaceAll('\u212a', 'k');
}

/** Every member that Go decodes into the field `name`, in order: a later one is decoded over an earlier one. */
export function membersNamed(members: readonly GoMember[], name: string): readonly GoJson[] {
  return members.filter(([found]) => folded(found) === folded(name)).map(([, value]) => value);
}

/**
 * The members of a pointer to a struct: those of all values are merged, and null forgets what came before.
 *
 * @returns undefined where there is none
 * @throws GoTypeError
 */
export function structOf(
  values: readonly GoJson[],
  place: GoPlace,
  type: string,
): readonly GoMember[] | undefined {
  let parts: (readonly GoMember[])[] | undefined;
  for (const value of values) {
    if (value.kind === 'null') parts = undefined;
    else if (value.kind !== 'object') throw mismatch(value, place, type);
    else if (parts === undefined) parts = [value.members];
    else parts.push(value.members);
  }
  return parts?.flat();
}

/**
 * A text. Null leaves what came before.
 *
 * @returns undefined where there is none
 * @throws GoTypeError
 */
export function textOf(values: readonly GoJson[], place: GoPlace): string | undefined {
  let text: string | undefined;
  for (const value of values) {
    if (value.kind === 'string') text = value.text;
    else if (value.kind !== 'null') throw mismatch(value, place, 'string');
  }
  return text;
}

/**
 * An int of 64 bits. Null leaves what came before.
 *
 * @throws GoTypeError
 */
export function integerOf(values: readonly GoJson[], place: GoPlace): bigint {
  let integer = 0n;
  for (const value of values) {
    if (value.kind === 'null') continue;
    if (value.kind !== 'number') throw mismatch(value, place, 'int');
    const read = /^-?\d+$/.test(value.literal) ? BigInt(value.literal) : undefined;
    if (read === undefined || BigInt.asIntN(64, read) !== read) {
      throw new GoTypeError(`number ${value.literal}`, intoField(place, 'int'));
    }
    integer = read;
  }
  return integer;
}

/**
 * A list. The last value counts; null is an empty one.
 *
 * @throws GoTypeError
 */
export function listOf(values: readonly GoJson[], place: GoPlace, type: string): readonly GoJson[] {
  const wrong = values.find(({ kind }) => kind !== 'array' && kind !== 'null');
  if (wrong !== undefined) throw mismatch(wrong, place, type);
  const last = values.at(-1);
  return last?.kind === 'array' ? last.items : [];
}

/** The error for a value of another kind than its field has. */
function mismatch(value: GoJson, place: GoPlace, type: string): GoTypeError {
  return new GoTypeError(value.kind, intoField(place, type));
}

function intoField({ struct, path }: GoPlace, type: string): string {
  return path.length === 0
    ? `value of type ${type}`
    : `struct field ${struct}.${path.join('.')} of type ${type}`;
}

/** The value as plain JavaScript; of members with one name the last one counts. */
export function plainValue(value: GoJson): unknown {
  switch (value.kind) {
    case 'object':
      return Object.fromEntries(value.members.map(([name, member]) => [name, plainValue(member)]));
    case 'array':
      return value.items.map(plainValue);
    case 'string':
      return value.text;
    case 'number':
      return Number(value.literal);
    case 'bool':
      return value.value;
    default:
      return null;
  }
}
