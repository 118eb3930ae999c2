import { quoted } from '../printable.js';
import { SpecError } from '../spec-error.js';
import { extentOf } from './scans.js';

/** A configuration has about ten levels. JSON.stringify of an engine may take quadratic time in the depth. */
const MAX_DEPTH = 512;

/**
 * Of one object. Annotations are the only one that grows, and Kubernetes holds them to 256 KiB in all. Where an engine has no
 * seed for its hash tables (QuickJS: `h * 263 + c`), names can be chosen that take it quadratic time.
 */
const MAX_MEMBERS = 2048;

/**
 * Refuses a document on which an engine could spend a long time, before any is spent.
 *
 * @param bytes - valid JSON or not
 * @param name - where the document is from
 * @throws SpecError `ERR_SPEC_EXTENT`
 * @example
 * ```ts
 * import { checkExtent } from '@opencontainers-ts/runtime-spec';
 *
 * try {
 *   checkExtent(new TextEncoder().encode('['.repeat(1000)), 'config.json');
 * } catch (error) {
 *   console.log((error as { code: string }).code); // ERR_SPEC_EXTENT
 * }
 * ```
 */
export function checkExtent(bytes: Uint8Array, name: string): void {
  const { depth, members } = extentOf(bytes);
  if (depth > MAX_DEPTH) throw tooLarge(name, `nests ${depth} levels deep; ${MAX_DEPTH} are taken`);
  if (members > MAX_MEMBERS) {
    throw tooLarge(name, `has an object of ${members} members; ${MAX_MEMBERS} are taken`);
  }
}

function tooLarge(name: string, what: string): SpecError {
  return new SpecError('ERR_SPEC_EXTENT', `${quoted(name)} ${what}`, { details: { name } });
}
