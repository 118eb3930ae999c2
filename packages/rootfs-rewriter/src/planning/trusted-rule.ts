import type { Rule } from './rule.js';

// By Symbol.for, since a program may hold this package twice (bundled apart). Not enumerable: `{ ...rule, evaluate }` is
// another rule, for which nobody has vouched.
const TRUSTED = Symbol.for('@opencontainers-ts/rootfs-rewriter/trusted');

/**
 * Marks a rule as trusted: the engine passes it the document itself instead of a copy, and uses its outcome without checking
 * it. It is meant for rules that are known not to modify what they are given and to return outcomes of the right types.
 * Every evaluation of a rule that is not trusted costs a copy of the document.
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
