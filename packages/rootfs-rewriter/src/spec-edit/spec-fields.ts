import { quoted } from '@opencontainers-ts/runtime-spec';
import { isRefusal, refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';

// What JSON.parse read has no promised type: these check it where a rule looks. `null` is what Go reads as absent,
// and some engines write it. A member of another type throws the refusal that `orRefusal` returns.

/** The members of an object; none where it is absent. */
export function members(value: unknown, pointer: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : wrong(pointer, 'an object', value);
}

/** The elements of an array; none where it is absent. */
export function items(value: unknown, pointer: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : wrong(pointer, 'an array', value);
}

/** A string; the empty one where it is absent. */
export function text(value: unknown, pointer: string): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : wrong(pointer, 'a string', value);
}

/** A boolean, where it is there. */
export function flag(value: unknown, pointer: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : wrong(pointer, 'true or false', value);
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
