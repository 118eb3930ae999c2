import { readRule } from './read-rule.js';
import type { Rule } from './rule.js';

/**
 * Makes the function that makes a rule, and checks what it makes.
 *
 * @param make - from the options of the rule to the rule; it may take none
 * @returns `make`, but throwing {@link RewriterError} `ERR_RULE_INVALID` when the rule has no name, no trigger, an
 *   empty trigger, a `reads` entry that is not a JSON pointer, or a member of a wrong type
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
