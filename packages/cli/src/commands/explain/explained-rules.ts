import type { ErrorDetails, Outcome, Rule, RuleFailure } from '@opencontainers-ts/rootfs-rewriter';
import type { PlannedCall } from '../../call/planned-call.js';
import type { RuleOrigin, Settings } from '../../config/settings/settings.js';

/** One rule and what it said. */
export interface ExplainedRule {
  readonly rule: string;
  /** How the rule was asked for; absent where that is not known. */
  readonly kind?: RuleOrigin['kind'];
  /** The file that asks for it, where one does. */
  readonly file?: string;
  /** That the rule is only tried: nothing comes of its outcome. */
  readonly audit?: true;
  /** Texts of which one must occur in config.json before the rule is asked; `every-create` for a rule without. */
  readonly triggers: Rule['triggers'];
  /** `not-asked`: a rule before it refused, or the call is none that rules look at. */
  readonly outcome: Outcome['kind'] | 'not-asked';
  /** Why it passed, what its patch does, or why it refused. */
  readonly reason: string;
  /** The first condition that did not hold, with what it asks for and what is there. */
  readonly because?: RuleFailure;
  /** Code of a refusal. */
  readonly code?: string;
  /** What a refusal is about: the path that failed a check, what is there instead. */
  readonly details?: ErrorDetails;
}

/** Every rule of the settings with what it said of the call, also those that were never asked, and why not. */
export function explainedRules(
  call: PlannedCall,
  { rules, ruleOrigins }: Pick<Settings, 'rules' | 'ruleOrigins'>,
): readonly ExplainedRule[] {
  const { plan } = call;
  const wasRead = call.file !== undefined && call.decision.kind !== 'refuse';
  return rules.map((rule, index): ExplainedRule => {
    const origin = ruleOrigins[index];
    const known = {
      rule: rule.name,
      ...(origin === undefined ? {} : { kind: origin.kind }),
      ...(origin?.origin.from === 'file' ? { file: origin.origin.file } : {}),
      ...(rule.audit === true ? { audit: true as const } : {}),
      triggers: rule.triggers,
    };
    const outcome = plan?.trace[index]?.outcome;
    if (outcome !== undefined) return { ...known, ...saidBy(outcome) };
    if (plan !== undefined) return { ...known, outcome: 'not-asked', reason: 'a rule before it refused' };
    return wasRead && call.carriesRewrite
      ? { ...known, outcome: 'pass', reason: 'no trigger' }
      : { ...known, outcome: 'not-asked', reason: whyNobodyWasAsked(call) };
  });
}

function whyNobodyWasAsked({ decision, missing }: PlannedCall): string {
  if (decision.kind === 'refuse') return 'the call was refused before any rule was asked';
  return missing === undefined ? 'the verb cannot carry a rewrite' : 'there is no config.json';
}

function saidBy(
  outcome: Outcome,
): Pick<ExplainedRule, 'outcome' | 'reason' | 'because' | 'code' | 'details'> {
  switch (outcome.kind) {
    case 'pass': {
      const { reason, because } = outcome;
      return { outcome: 'pass', reason, ...(because === undefined ? {} : { because }) };
    }
    case 'rewrite':
      return { outcome: 'rewrite', reason: outcome.note };
    case 'refuse': {
      const { message, code, details } = outcome;
      return { outcome: 'refuse', reason: message, code, ...(details === undefined ? {} : { details }) };
    }
  }
}

/** For each operation of a call's patch the rule that it comes from. */
export function patchOrigins({ plan }: PlannedCall): readonly string[] {
  return (plan?.patch ?? []).length === 0
    ? []
    : (plan?.trace ?? []).flatMap(({ rule, outcome, audit }) =>
        audit !== true && outcome.kind === 'rewrite' ? outcome.patch.map(() => rule) : [],
      );
}
