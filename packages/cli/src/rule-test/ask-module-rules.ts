import { type Call, planRewrite, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { trustedRule } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Refusal } from '../call/refusal.js';
import type { Settings } from '../config/settings/settings.js';

/** What is wrong with a rule whatever the container; a rule may well fail of one that was made up. */
const FAULTS: readonly string[] = ['ERR_RULE_OUTCOME', 'ERR_RULE_TIMEOUT', 'ERR_RULE_MEMORY'];

const CALL: Call = { verb: 'create', bundle: '/bundle' };

/**
 * Asks each rule of a module about a small container that has all of its triggers as annotations, on a host with nothing
 * on it: what is no outcome (a promise, say), or never comes, is told before a container is refused for it.
 */
export function askModuleRules({
  rules,
  ruleOrigins,
}: Pick<Settings, 'rules' | 'ruleOrigins'>): readonly Refusal[] {
  return rules
    .filter((_, index) => ruleOrigins[index]?.kind === 'module')
    .flatMap((rule) => {
      const { refusal } = ask(rule);
      return refusal !== undefined && FAULTS.includes(refusal.code) ? [refusal] : [];
    });
}

function ask(rule: Rule) {
  const triggers = rule.triggers === 'every-create' ? [] : rule.triggers;
  const document = documentOf(makeSpec(...triggers.map((trigger) => withAnnotation(trigger, 'true'))));
  // Whether or not it claims this one: what it says to one that it claims is asked for.
  const claims: Rule['claims'] = (seen) => rule.claims(seen) || true;
  const asked = trustedRule({ ...rule, audit: false, triggers: 'every-create', claims });
  return planRewrite(document, [asked], CALL, memoryHost());
}
