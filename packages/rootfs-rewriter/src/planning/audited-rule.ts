import type { Rule } from './rule.js';
import { isTrusted, trustedRule } from './trusted-rule.js';

/**
 * The rule, only tried: see `Rule.audit`.
 *
 * @example
 * ```ts
 * import { auditedRule, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const document = documentOf(makeSpec(withAnnotation('sgs.snucse.org/os-volume', 'pvc-1')));
 * const plan = planRewrite(document, [auditedRule(pvcRootfs())], { verb: 'create', bundle: '/b' }, memoryHost());
 * console.log(plan.decision, plan.audit?.refusal?.code); // pass ERR_VOLUME_NOT_FOUND
 * ```
 */
export function auditedRule(rule: Rule): Rule {
  const audited: Rule = { ...rule, audit: true };
  return isTrusted(rule) ? trustedRule(audited) : audited;
}
