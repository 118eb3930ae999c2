import { type JsonObject, quoted } from '@opencontainers-ts/runtime-spec';
import type { RuleDefinition } from '../generated/rule-definition.js';
import { defineRule } from '../planning/define-rule.js';
import type { Host } from '../planning/host.js';
import { isRefusal } from '../planning/refuse.js';
import type { Outcome, Rule } from '../planning/rule.js';
import { trustedRule } from '../planning/trusted-rule.js';
import { diffSpecs } from '../spec-edit/json-diff.js';
import { orRefusal } from '../spec-edit/spec-fields.js';
import { exactExcerpt } from '../spec-edit/spec-tree.js';
import { conditional } from './conditional.js';
import { editsOf, partsOf, type RuleEdit } from './edits.js';
import { withKernelNames } from './name-faults.js';
import { readDefinition } from './read-definition.js';

/**
 * Creates a rule from a definition: plain data, for example from a TOML or JSON file, that follows
 * `@opencontainers-ts/rootfs-rewriter/schema/rule.schema.json`.
 *
 * The rule changes the smallest places, replaces by key (the name of a variable, the destination of a mount, the path of a
 * device) and never adds a second entry. Applied to its own result, it changes nothing, except with the raw `patch`. If a
 * condition is not met, it passes, with the first one that failed as `because`.
 *
 * @returns the rule; `evaluate` refuses with `ERR_SPEC_FIELD`, `ERR_POD_IDENTITY`, `ERR_RULE_DEVICE_MISSING`,
 *   `ERR_RULE_HOOK_MISSING` and `ERR_RULE_SECCOMP_PROFILE`
 * @throws {@link RewriterError} `ERR_RULE_INVALID` for a definition that does not follow the schema; `details.pointer`
 *   names the place
 *
 * @example
 * ```ts
 * import { declarativeRule, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const kvm = declarativeRule({
 *   name: 'kvm',
 *   when: { annotation: { key: 'example.org/kvm', equals: 'true' } },
 *   then: { devices: { add: [{ path: '/dev/kvm', type: 'c', major: 10, minor: 232, fileMode: 0o660 }] } },
 * });
 * const call = { verb: 'create', bundle: '/b' } as const;
 * const plan = planRewrite(documentOf(makeSpec(withAnnotation('example.org/kvm', 'true'))), [kvm], call, memoryHost());
 * console.log(plan.document.spec.linux?.devices?.[0]?.path); // /dev/kvm
 * ```
 */
export const declarativeRule: (definition: RuleDefinition) => Rule = defineRule(
  (definition: RuleDefinition) => ruleOf(readDefinition(definition)),
);

/**
 * `declarativeRule` for a definition that it has taken before, to the letter: whether it is sound, which takes an
 * interpreter longer than anything else about a rule, is not looked at again.
 *
 * @param definition - whose integers are numbers wherever these hold them
 *
 * @example
 * ```ts
 * import { declarativeRule } from '@opencontainers-ts/rootfs-rewriter';
 * import { knownRule } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * const definition = { name: 'home', then: { cwd: '/home' } };
 * console.log(declarativeRule(definition).name, knownRule(definition).name); // home home
 * ```
 */
export function knownRule(definition: RuleDefinition): Rule {
  return ruleOf(withKernelNames(definition));
}

function ruleOf({ name, when = {}, then, override }: RuleDefinition): Rule {
  const edits = editsOf(then);
  const parts = partsOf(edits);
  const rule = trustedRule({
    name,
    ...(override === undefined ? {} : { override }),
    triggers: 'every-create',
    reads: edits.flatMap(({ reads }) => reads),
    claims: () => true,
    evaluate: (document, _, host) =>
      named(
        name,
        orRefusal(() => editedOutcome(exactExcerpt(document, parts), edits, host)),
      ),
  });
  return conditional(when, rule);
}

/** A node may have many such rules: whoever reads a refusal wants to know whose it is. */
function named(rule: string, outcome: Outcome): Outcome {
  return isRefusal(outcome) ? { ...outcome, message: `rule ${quoted(rule)}: ${outcome.message}` } : outcome;
}

function editedOutcome(spec: JsonObject, edits: readonly RuleEdit[], host: Host): Outcome {
  const holds = [...new Set(edits.flatMap((edit) => edit.holds))];
  const changed: string[] = [];
  let working = edits.reduce((before, { prepare }) => prepare(before), spec);
  for (const { name, apply } of edits) {
    const next = apply(working, host);
    if (next !== working) changed.push(name);
    working = next;
  }
  // Of the whole: what one edit does and the next undoes is no change.
  const patch = diffSpecs(spec, working);
  return patch.length === 0
    ? { kind: 'pass', reason: 'the spec is already as the rule wants it', holds }
    : { kind: 'rewrite', note: `changed ${changed.join(', ')}`, patch, holds };
}
