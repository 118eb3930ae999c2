import { formatPointer, quoted } from '@opencontainers-ts/runtime-spec';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';

// What JSON.parse read has no promised type: these check it where a rule looks. `null` is what Go reads as absent,
// and some engines write it. A member of another type throws the refusal that `orRefusal` returns.

/**
 * Where a value is: a JSON Pointer; or the way to it or an element of a list, whose pointer is made only where there is
 * something to say.
 */
export type Place = string | { readonly list: string; readonly index: number } | readonly (string | number)[];

/** The members of an object; none where it is absent. */
export function members(value: unknown, place: Place, name?: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : wrong(pointerOf(place, name), 'an object', value);
}

/** The elements of an array; none where it is absent. */
export function items(value: unknown, place: Place, name?: string): readonly unknown[] {
  if (value === undefined || value === null) return NOTHING;
  return Array.isArray(value) ? value : wrong(pointerOf(place, name), 'an array', value);
}

const NOTHING: readonly unknown[] = [];

/** A string; the empty one where it is absent. */
export function text(value: unknown, place: Place, name?: string): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : wrong(pointerOf(place, name), 'a string', value);
}

/** An array of strings; each element that is null is the empty one. */
export function texts(value: unknown, place: Place, name?: string): readonly string[] {
  const elements = items(value, place, name);
  return areTexts(elements) ? elements : checkedTexts(elements, pointerOf(place, name));
}

/** A loop, since there may be thousands of lists: an interpreter takes longer to call than to look. */
function areTexts(elements: readonly unknown[]): elements is readonly string[] {
  for (let at = 0; at < elements.length; at += 1) {
    if (typeof elements[at] !== 'string') return false;
  }
  return true;
}

function checkedTexts(elements: readonly unknown[], list: string): readonly string[] {
  return elements.map((element, index) => text(element, { list, index }));
}

/** A boolean, where it is there. */
export function flag(value: unknown, place: Place, name?: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : wrong(pointerOf(place, name), 'true or false', value);
}

/** An id or a number of ids (uint32 in the spec); 0 where it is absent, as Go reads it. */
export function count(value: unknown, place: Place, name?: string): number {
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
    ? value
    : wrong(pointerOf(place, name), 'an integer from 0 to 4294967295', value);
}

function pointerOf(place: Place, name?: string): string {
  const pointer = typeof place === 'string' ? place : pointerTo(place);
  return name === undefined ? pointer : `${pointer}${formatPointer([name])}`;
}

function pointerTo(place: Exclude<Place, string>): string {
  return 'index' in place ? `${place.list}/${place.index}` : formatPointer(place);
}

/**
 * The result of a step, or the refusal that it threw.
 *
 * @example
 * ```ts
 * import { orRefusal, textsAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * const said = orRefusal(() => textsAt({ process: { env: 'PATH=/bin' } }, ['process', 'env']));
 * console.log('code' in said && said.code); // ERR_SPEC_FIELD
 * ```
 */
export function orRefusal<T>(step: () => T): T | Refuse {
  try {
    return step();
  } catch (error) {
    if (typeof error === 'object' && error !== null && isRefusal(error)) return error;
    throw error;
  }
}

function wrong(pointer: string, wanted: string, value: unknown): never {
  const place = pointer === '' ? 'the document' : quoted(pointer);
  throw refuse('ERR_SPEC_FIELD', `config.json: ${place} must be ${wanted}, not ${shown(value)}`, { pointer });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : String(value);
}
