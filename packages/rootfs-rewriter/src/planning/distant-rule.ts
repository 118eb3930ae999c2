import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { nearAnnotation, slipTextsOf } from '../pvc-rootfs/near-annotation.js';
import type { Host } from './host.js';
import { answerTo, outcomeOf, readVerdict, refusalOfStep, StepFailure, whyNotOf } from './isolated-rule.js';
import { readRule } from './read-rule.js';
import { memberOf, ValueFault } from './read-value.js';
import type { Call, Outcome, Refuse, Rule } from './rule.js';
import { trustedRule } from './trusted-rule.js';

/** What came of asking a rule, as plain data that can be sent: its answer, or the refusal that its failure ends as. */
export type SentAnswer =
  | { readonly value?: boolean | Outcome | undefined }
  | {
      readonly refusal: Refuse;
      /** What it threw, in words. */
      readonly cause?: string;
    };

/**
 * Asks a rule behind its wall (`isolatedRule`) where its code runs, for somebody elsewhere. It never throws.
 *
 * @param rule - its name
 *
 * @example
 * ```ts
 * import { answerToSend } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(answerToSend('mine', () => true)); // { value: true }
 * ```
 */
export function answerToSend(rule: string, step: () => boolean | Outcome | undefined): SentAnswer {
  try {
    const value = step();
    return value === undefined ? {} : { value };
  } catch (error) {
    const { refusal, cause } = refusalOfStep(rule, error);
    const words = causeInWords(cause);
    return { refusal, ...(words === undefined ? {} : { cause: words }) };
  }
}

/** Whatever is thrown can be so made that a look at it throws. */
function causeInWords(cause: unknown): string | undefined {
  try {
    if (typeof cause !== 'object' || cause === null) return undefined;
    const stack: unknown = Reflect.get(cause, 'stack');
    return `${String(cause)}${typeof stack === 'string' ? `\n${stack}` : ''}`;
  } catch {
    // The refusal says what can be said.
    return undefined;
  }
}

/** The code of a rule that runs elsewhere. What each gives should be a {@link SentAnswer}; nobody has promised that. */
export interface DistantCode {
  claims(document: SpecDocument): unknown;
  whyNot?(document: SpecDocument, call: Call): unknown;
  evaluate(document: SpecDocument, call: Call, host: Host): unknown;
}

/**
 * A rule whose code runs elsewhere, in another realm or another engine, so that only data comes from there. What comes is read
 * as `isolatedRule` reads what a rule says. The document is not copied: the code of others never gets hold of it.
 *
 * @param about - the members of the rule that are data, as they came
 * @throws {@link RewriterError} `ERR_RULE_INVALID`, as {@link defineRule}
 *
 * @example
 * ```ts
 * import { distantRule, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const far = distantRule(JSON.parse('{"name": "far", "triggers": "every-create", "reads": []}'), {
 *   claims: () => JSON.parse('{"value": true}'),
 *   evaluate: () => JSON.parse('{"value": {"kind": "refuse", "code": "ERR_FAR", "message": "too far"}}'),
 * });
 * const plan = planRewrite(documentOf(makeSpec()), [far], { verb: 'create', bundle: '/b' }, memoryHost());
 * console.log(plan.refusal?.code); // ERR_FAR
 * ```
 */
export function distantRule(about: object, { claims, whyNot, evaluate }: DistantCode): Rule {
  const { name, triggers, reads, override } = readRule({ ...about, claims, evaluate, whyNot: undefined });
  return trustedRule({
    name,
    triggers,
    reads,
    ...(override ? { override } : {}),
    ...slipsOf(triggers),
    claims: (document) => answerTo(name, () => readVerdict(valueIn(claims(document)))),
    ...(whyNot === undefined
      ? {}
      : { whyNot: (document, call) => whyNotOf(name, () => valueIn(whyNot(document, call))) }),
    evaluate: (document, call, host) =>
      answerTo(name, () => outcomeOf(valueIn(evaluate(document, call, host)))),
  });
}

/** An annotation as Kubernetes has them: a domain, a slash, and a name. */
const ANNOTATION = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+\/[A-Za-z0-9._-]+$/;

/** What a misspelt annotation was meant to be, by the triggers alone: the rule itself sees each key that holds one of them. */
function slipsOf(triggers: Rule['triggers']): Pick<Rule, 'meantBy' | 'slipTexts'> {
  const texts = triggers === 'every-create' ? [] : triggers;
  const annotations = texts.filter((text) => ANNOTATION.test(text));
  if (annotations.length === 0) return {};
  return {
    slipTexts: [...new Set(annotations.flatMap(slipTextsOf))],
    meantBy: (key) => (texts.some((text) => key.includes(text)) ? key : nearAnnotation(key, annotations)),
  };
}

/** @throws StepFailure where it is a refusal */
function valueIn(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) throw new ValueFault('it is not an answer');
  const refusal = memberOf(answer, 'refusal');
  if (refusal === undefined) return memberOf(answer, 'value');
  const outcome = outcomeOf(refusal);
  if (outcome.kind !== 'refuse') throw new ValueFault('its refusal is none');
  const cause = memberOf(answer, 'cause');
  throw new StepFailure({
    refusal: outcome,
    ...(typeof cause === 'string' ? { cause: new Error(cause) } : {}),
  });
}
