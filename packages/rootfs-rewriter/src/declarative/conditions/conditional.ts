import type { JsonObject, SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Condition } from '../../generated/rule-definition.js';
import { ROOT_FOLDER } from '../../planning/host-action.js';
import type { Call, Pass, Rule } from '../../planning/rule.js';
import { isTrusted, trustedRule } from '../../planning/trusted-rule.js';
import { nearAnnotation, slipTextsOf } from '../../pvc-rootfs/near-annotation.js';
import { isPutTogetherBy } from '../../pvc-rootfs/volume-root.js';
import { orRefusal } from '../../spec-edit/spec-fields.js';
import { readCondition } from '../read-definition.js';
import { findFailed } from './condition.js';
import { annotationsAskedAbout, needOf, readsOf } from './condition-needs.js';
import { ConditionSubject } from './condition-subject.js';

/**
 * Restricts a rule to the documents that meet a condition: the `when` of a rule as data, for any rule. If the condition is
 * not met, the rule passes, with the first condition that failed as `because`.
 *
 * @returns the rule; its triggers are those of the given rule or, if that sees every call, those of the condition
 * @throws {@link RewriterError} `ERR_RULE_INVALID` for a condition that does not follow the schema; `details.pointer`,
 *   which begins with `/when`, names the place
 *
 * @example
 * ```ts
 * import { guardian, withCondition } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const rule = withCondition(guardian(), { annotation: { key: 'example.org/kvm', equals: 'true' } });
 * console.log(rule.triggers); // [ 'example.org/kvm' ]
 * ```
 */
export function withCondition(rule: Rule, condition: Condition): Rule {
  return conditional(readCondition(condition, rule.name), rule);
}

/** {@link withCondition} for a condition that is known to be sound. */
export function conditional(when: Condition, rule: Rule): Rule {
  const need = needOf(when);
  const reads = readsOf(when);
  const own = annotationsAskedAbout(when);
  const slipTexts = [...(rule.slipTexts ?? []), ...own.flatMap(slipTextsOf)];
  const made: Rule = {
    ...rule,
    triggers: rule.triggers === 'every-create' ? (need?.texts ?? 'every-create') : rule.triggers,
    reads: [...new Set([...reads, ...rule.reads])],
    ...(slipTexts.length === 0 ? {} : { slipTexts: [...new Set(slipTexts)] }),
    meantBy: (key) => rule.meantBy?.(key) ?? (own.includes(key) ? key : nearAnnotation(key, own)),
    claims: (document) => meets(need?.annotations, document) && rule.claims(document),
    whyNot: (document, call) => {
      const outcome = orRefusal(() => passOf(when, reads, document, call));
      return outcome?.kind === 'pass' ? outcome : rule.whyNot?.(document, call);
    },
    evaluate: (document, call, host) => {
      const passed = orRefusal(() => passOf(when, reads, document, call));
      return passed ?? rule.evaluate(document, call, host);
    },
  };
  // A condition writes nothing, so that the whole is what the rule in it is.
  const whole = isTrusted(rule) ? trustedRule(made) : made;
  return rule.triggers.includes(ROOT_FOLDER) ? withOwnRoots(whole, rule) : whole;
}

/**
 * A rule that puts roots together is asked about a bundle that it has rewritten, whatever its condition says now: what that looked
 * at, such as the mount of the volume, may be gone, and without the mount of the root the container would start on an empty
 * folder.
 *
 * @param conditioned - the rule with its condition
 */
export function withOwnRoots(conditioned: Rule, rule: Rule): Rule {
  const { triggers } = conditioned;
  const isOwn = (document: SpecDocument) => isPutTogetherBy(rule.name, document);
  return trustedRule({
    ...conditioned,
    triggers: triggers === 'every-create' ? triggers : [...new Set([...triggers, ROOT_FOLDER])],
    claims: (document) => isOwn(document) || conditioned.claims(document),
    evaluate: (document, call, host) => (isOwn(document) ? rule : conditioned).evaluate(document, call, host),
  });
}

function meets(annotations: readonly string[] | undefined, document: SpecDocument): boolean {
  return annotations?.some((key) => document.readings(['annotations', key]).length > 0) ?? true;
}

/** Conditions ask about texts only, so that the plain reading serves. */
function passOf(
  when: Condition,
  reads: readonly string[],
  document: SpecDocument,
  call: Call,
): Pass | undefined {
  const spec = document.excerpt(reads) as JsonObject;
  const failed = findFailed(when, new ConditionSubject(spec, call), ['when']);
  return failed && { kind: 'pass', reason: failed.reason, because: failed.failure };
}
