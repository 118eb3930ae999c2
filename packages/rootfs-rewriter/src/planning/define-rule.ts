import { readRule } from './read-rule.js';
import type { Rule } from './rule.js';

/**
 * Defines a rule as a function of its options, and checks the rules that it returns.
 *
 * @param make - returns the rule for some options, if it takes any
 * @returns `make`, except that it throws {@link RewriterError} `ERR_RULE_INVALID` if the rule has no name, no trigger, an
 *   empty trigger, an entry of `reads` that is not a JSON pointer, or a member of a wrong type
 *
 * @example
 * ```ts
 * import { defineRule } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const umask = defineRule((options: { annotation: string }) => ({
 *   name: 'umask',
 *   triggers: [options.annotation],
 *   reads: ['/annotations', '/process/user'],
 *   claims: (document) => document.readings(['annotations', options.annotation]).length > 0,
 *   evaluate: () => ({ kind: 'rewrite', note: 'umask set', patch: [{ op: 'add', path: '/process/user/umask', value: 0o22 }] }),
 * }));
 * console.log(umask({ annotation: 'example.org/umask' }).name); // umask
 * ```
 */
export function defineRule<Options extends readonly unknown[]>(
  make: (...options: Options) => Rule,
): (...options: Options) => Rule {
  return (...options) => {
    const rule = make(...options);
    readRule(rule);
    return rule;
  };
}
