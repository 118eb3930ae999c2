import { type JsonObject, quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { RuleDefinition } from '../generated/rule-definition.js';
import { defineRule } from '../planning/define-rule.js';
import type { Host } from '../planning/host.js';
import { isRefusal } from '../planning/refuse.js';
import type { Outcome, Pass, Rewrite, Rule } from '../planning/rule.js';
import { trustedRule } from '../planning/trusted-rule.js';
import { ROOT_READS, type VolumeOptions, volumeSettings } from '../pvc-rootfs/root-scene.js';
import { diffSpecs } from '../spec-edit/json-diff.js';
import { orRefusal } from '../spec-edit/spec-fields.js';
import { exactExcerpt } from '../spec-edit/spec-tree.js';
import { conditional, withOwnRoots } from './conditions/conditional.js';
import { editsOf, partsOf, type RuleEdit } from './edits.js';
import { withKernelNames } from './name-faults.js';
import { readDefinition } from './read-definition.js';
import { rootOutcome } from './then/then-root.js';

/**
 * Creates a rule from a definition: plain data, for example from a TOML or JSON file, that follows
 * `@opencontainers-ts/rootfs-rewriter/schema/rule.schema.json`.
 *
 * The rule changes the smallest places, replaces by key (the name of a variable, the destination of a mount, the path of a
 * device) and never adds a second entry. Applied to its own result, it changes nothing, except with the raw `patch`. If a
 * condition is not met, it passes, with the first one that failed as `because`. With `then.root` it makes a volume the root, as
 * `pvcRootfs` does, before it changes anything else; a bundle that it rewrote before is its own whatever its conditions say then.
 *
 * @param volumes - where volumes lie, and the defaults of `then.root`
 * @returns the rule; `evaluate` refuses with `ERR_SPEC_FIELD`, `ERR_POD_IDENTITY`, `ERR_RULE_DEVICE_MISSING`,
 *   `ERR_RULE_HOOK_MISSING` and `ERR_RULE_SECCOMP_PROFILE`, with `then.root` as `pvcRootfs` does
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
export const declarativeRule: (definition: RuleDefinition, volumes?: VolumeOptions) => Rule = defineRule(
  (definition: RuleDefinition, volumes: VolumeOptions = {}) => ruleOf(readDefinition(definition), volumes),
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
export function knownRule(definition: RuleDefinition, volumes: VolumeOptions = {}): Rule {
  return ruleOf(withKernelNames(definition), volumes);
}

function ruleOf({ name, when = {}, then, mode, override }: RuleDefinition, volumes: VolumeOptions): Rule {
  const { root, ...others } = then;
  const edits = editsOf(others);
  const parts = partsOf(edits);
  const settings = root && volumeSettings(name, volumes);
  const rule = trustedRule({
    name,
    ...(override === undefined ? {} : { override }),
    ...(mode === 'audit' ? { audit: true } : {}),
    triggers: 'every-create',
    reads: [...(root === undefined ? [] : ROOT_READS), ...edits.flatMap(({ reads }) => reads)],
    claims: () => true,
    evaluate: (document, call, host) => {
      const made = root && settings && rootOutcome(name, root, settings, document, call, host);
      return named(name, made === undefined ? edited(document, host) : withEdits(made, document, host));
    },
  });
  const edited = (document: SpecDocument, host: Host) =>
    orRefusal(() => editedOutcome(exactExcerpt(document, parts), edits, host));
  const withEdits = (made: Outcome, document: SpecDocument, host: Host) =>
    made.kind === 'refuse' || edits.length === 0
      ? made
      : bothOf(made, edited(made.kind === 'rewrite' ? document.apply(made.patch) : document, host));
  const conditioned = conditional(when, rule);
  return root === undefined ? conditioned : withOwnRoots(conditioned, rule);
}

/** What came of the root, and then of the edits. */
function bothOf(root: Pass | Rewrite, edited: Outcome): Outcome {
  if (edited.kind === 'refuse') return edited;
  const { pins = [], actions = [], warnings = [] } = root;
  const rest = { holds: edited.holds ?? [], pins, actions, warnings };
  if (root.kind === 'pass' && edited.kind === 'pass') return { kind: 'pass', reason: root.reason, ...rest };
  const said = [root, edited].map((each) => (each.kind === 'rewrite' ? each.note : each.reason));
  const patch = [root, edited].flatMap((each) => (each.kind === 'rewrite' ? each.patch : []));
  const facts = root.kind === 'rewrite' ? (root.facts ?? {}) : {};
  return { kind: 'rewrite', note: said.join('; '), patch, ...rest, facts };
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
