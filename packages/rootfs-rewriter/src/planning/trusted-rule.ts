import type { Rule } from './rule.js';

// By Symbol.for, since a program may hold this package twice (bundled apart). Not enumerable: `{ ...rule, evaluate }` is
// another rule, for which nobody has vouched.
const TRUSTED = Symbol.for('@opencontainers-ts/rootfs-rewriter/trusted');

/**
 * The rule, vouched for: the engine hands it the document itself instead of a copy, and takes what it says as it is. For
 * rules of which it is known that they never write to what they are handed and that their outcomes have the right
 * types; a rule that is not vouched for costs a copy of the document where it is asked.
 *
 * @example
 * ```ts
 * import { defineRule } from '@opencontainers-ts/rootfs-rewriter';
 * import { trustedRule } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * const looks = defineRule(() =>
 *   trustedRule({
 *     name: 'looks',
 *     triggers: ['example.org/look'],
 *     reads: [],
 *     claims: () => true,
 *     evaluate: () => ({ kind: 'pass', reason: 'looked' }),
 *   }),
 * );
 * console.log(looks().name); // looks
 * ```
 */
export function trustedRule(rule: Rule): Rule {
  return Object.defineProperty({ ...rule }, TRUSTED, { value: true });
}

/** Whether {@link trustedRule} made it. */
export function isTrusted(rule: unknown): boolean {
  return typeof rule === 'object' && rule !== null && Object.hasOwn(rule, TRUSTED);
}
