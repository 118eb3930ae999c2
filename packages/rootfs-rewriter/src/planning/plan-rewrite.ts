import {
  errorCode,
  type Finding,
  type JsonPatch,
  quoted,
  type SpecDocument,
} from '@opencontainers-ts/runtime-spec';
import { annotationSlips } from '../pvc-rootfs/near-annotation.js';
import { mayBePutTogether, notMounted } from '../pvc-rootfs/volume-root.js';
import type { Host, PinnedPath } from './host.js';
import type { HostAction } from './host-action.js';
import { isolatedRule, refusalOfStep } from './isolated-rule.js';
import { refuse } from './refuse.js';
import type { Call, Outcome, Pass, Refuse, Rewrite, Rule } from './rule.js';
import { type Doing, findConflict } from './rule-conflicts.js';
import { messageOf } from './thrown-error.js';
import { mayClaim } from './trigger-text.js';
import { isTrusted } from './trusted-rule.js';
import { whyUnclaimed } from './unclaimed.js';

/** A rule and its outcome. */
export interface PlanStep {
  readonly rule: string;
  /** Of a rule that is only tried: as it would be if all rules were enforced. */
  readonly outcome: Outcome;
  /** That nothing comes of the outcome, see `Rule.audit`. */
  readonly audit?: true;
}

/** How a plan is made. */
export interface PlanOptions {
  /**
   * That a container which no rule rewrites, or finds as it wants it, is refused (`ERR_NO_RULE_CLAIMS`), sandboxes excepted.
   * With `audit` it is not, and {@link Plan.audit} says that it would be. Default: it starts.
   */
  readonly required?: 'enforce' | 'audit';
}

/** The refusal that a plan ends with, and the rule that it comes from. */
export interface RuleRefusal extends Refuse {
  readonly rule: string;
  /** What the rule threw, if it did. */
  readonly cause?: unknown;
}

/** Everything that was decided about a call, as one value. Nothing has been written yet. */
export interface Plan {
  /** `rewrite` only if the patch changes something. */
  readonly decision: Outcome['kind'];
  /** The rewritten document; the original one unless the decision is `rewrite`. */
  readonly document: SpecDocument;
  /** The operations of all rules, in order; empty unless the decision is `rewrite`. */
  readonly patch: JsonPatch;
  /** Paths to check again just before the runtime is started; empty for a refusal. */
  readonly pins: readonly PinnedPath[];
  /** What the rules want done on the machine, in order; empty for a refusal. Planning does none of it. */
  readonly actions: readonly HostAction[];
  readonly warnings: readonly string[];
  /** For the log record. If two rules name the same fact, the later one wins. */
  readonly facts: Readonly<Record<string, string>>;
  /** The outcomes of the rules, in order; ends with the refusal if there is one. */
  readonly trace: readonly PlanStep[];
  readonly refusal?: RuleRefusal;
  /**
   * What would have been decided if the rules that are only tried were enforced, too; absent if none of them could have acted.
   * Nothing of it is to be carried out.
   */
  readonly audit?: Omit<Plan, 'audit'>;
}

/** Findings that the message of `ERR_SPEC_AMBIGUOUS` repeats; `details` has them all. */
const LISTED_FINDINGS = 5;

/**
 * Evaluates the rules in order, each on the document as the rules before it left it, until one refuses.
 *
 * A rule is evaluated if its trigger text occurs (see `mayClaim`) and `claims` returns true. What it reads must be
 * unambiguous (otherwise `ERR_SPEC_AMBIGUOUS`). Then `evaluate` is called, and the patch is applied to a working copy. A
 * patch that changes what an earlier rule set is a conflict (`ERR_RULE_CONFLICT`), unless the later rule has `override`.
 * What a rule throws becomes a refusal: `ERR_HOST_UNREADABLE` for an errno error of the host, otherwise
 * `ERR_RULE_CRASHED`.
 *
 * Rules with `audit` have no part in that. If one of them could act, the plan is made a second time, with all rules, and
 * stands beside the first as `audit`.
 *
 * @example
 * ```ts
 * import { planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost, pvcMount, pvcPath, withAnnotation, withMount } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const volume = { podUid: 'u1', volume: 'pvc-1' };
 * const document = documentOf(makeSpec(
 *   withAnnotation('sgs.snucse.org/os-volume', 'pvc-1'),
 *   withMount(pvcMount({ ...volume, destination: '/mnt' })),
 * ));
 * const host = memoryHost({ mounts: [pvcPath(volume)] });
 * const plan = planRewrite(document, [pvcRootfs()], { verb: 'create', bundle: '/b' }, host);
 * console.log(plan.decision, plan.document.spec.root?.path);
 * // rewrite /var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pvc-1/mount
 * ```
 */
export function planRewrite(
  document: SpecDocument,
  rules: readonly Rule[],
  call: Call,
  host: Host,
  { required }: PlanOptions = {},
): Plan {
  const all = rules.map(behindWall);
  const tried = all.filter(({ audit }) => audit === true);
  const slips = annotationSlips(document, rules);
  const planWith = (asked: readonly Rule[], isRequired: boolean, left: readonly Rule[]) => {
    const whyNot = (said: readonly PlanStep[]) =>
      isRequired
        ? whyUnclaimed(
            document,
            said,
            left.map(({ name }) => name),
            slips,
          )
        : undefined;
    return planOf(document, asked, { call, host, slips, whyNot });
  };
  if (tried.length === 0 && required !== 'audit') return planWith(all, required !== undefined, []);
  const enforced = all.filter((rule) => !tried.includes(rule));
  const plan = planWith(enforced, required === 'enforce', tried);
  const audit =
    required === 'audit' || mayClaim(document.bytes, tried)
      ? planWith(all, required !== undefined, [])
      : undefined;
  const outcomeOf = (rule: Rule, index: number) =>
    audit === undefined ? takeStep(document, rule, call, host).outcome : audit.trace[index]?.outcome;
  return {
    ...plan,
    warnings: [...new Set([...plan.warnings, ...(audit?.warnings ?? [])])],
    trace: wholeTrace(all, plan.trace, outcomeOf),
    ...(audit === undefined ? {} : { audit }),
  };
}

const NEVER_ASKED: Outcome = { kind: 'pass', reason: 'not asked: a rule before it would have refused' };

/** The trace of what is carried out, with the rules in it that are only tried. */
function wholeTrace(
  rules: readonly Rule[],
  enforced: readonly PlanStep[],
  outcomeOf: (rule: Rule, index: number) => Outcome | undefined,
): readonly PlanStep[] {
  const left = [...enforced];
  const trace: PlanStep[] = [];
  for (const [index, rule] of rules.entries()) {
    if (trace.at(-1)?.audit === undefined && trace.at(-1)?.outcome.kind === 'refuse') return trace;
    if (rule.audit === true) {
      trace.push({ rule: rule.name, outcome: outcomeOf(rule, index) ?? NEVER_ASKED, audit: true });
    } else {
      trace.push(...left.splice(0, 1));
    }
  }
  // What no rule said: that the root is not put together, or that one would have had to act.
  return [...trace, ...left];
}

/** What a plan is made with. */
interface PlanInput {
  readonly call: Call;
  readonly host: Host;
  readonly slips: readonly string[];
  /** Why a container does not start although no rule refused. */
  readonly whyNot: (said: readonly PlanStep[]) => Refuse | undefined;
}

function planOf(
  document: SpecDocument,
  rules: readonly Rule[],
  { call, host, slips, whyNot }: PlanInput,
): Omit<Plan, 'audit'> {
  const trace: PlanStep[] = [];
  const said: (Pass | Rewrite)[] = [];
  const doings: Doing[] = [];
  const refused = (refusal: RuleRefusal) => {
    const nothing = { patch: [], pins: [], actions: [], warnings: [], facts: {} };
    return { decision: 'refuse', document, ...nothing, trace, refusal } as const;
  };
  let working = document;
  for (const rule of rules) {
    const step = checkConflicts(doings, rule, working, takeStep(working, rule, call, host));
    trace.push({ rule: rule.name, outcome: step.outcome });
    if (step.outcome.kind === 'refuse') {
      return refused({ ...step.outcome, rule: rule.name, ...('cause' in step ? { cause: step.cause } : {}) });
    }
    said.push(step.outcome);
    working = step.document;
  }
  const actions = said.flatMap((outcome) => outcome.actions ?? []);
  const faults = [
    ['mount-root', rootFault(working, actions)],
    ['required', whyNot(trace)],
  ] as const;
  for (const [rule, fault] of faults) {
    if (fault === undefined) continue;
    trace.push({ rule, outcome: fault });
    return refused({ ...fault, rule });
  }
  const rewrites = said.filter((outcome) => outcome.kind === 'rewrite');
  const isChanged = working !== document;
  return {
    decision: isChanged ? 'rewrite' : 'pass',
    document: working,
    patch: isChanged ? rewrites.flatMap((outcome) => outcome.patch) : [],
    pins: said.flatMap((outcome) => outcome.pins ?? []),
    actions,
    warnings: [...slips, ...said.flatMap((outcome) => outcome.warnings ?? [])],
    facts: Object.assign({}, ...rewrites.map((outcome) => outcome.facts ?? {})),
    trace,
  };
}

/** A root that is put together is put together once, and by somebody: the folder alone is empty. */
function rootFault(document: SpecDocument, actions: readonly HostAction[]): Refuse | undefined {
  const mounts = actions.filter(({ kind }) => kind === 'mount-root');
  if (mounts.length > 1) {
    return refuse('ERR_RULE_CONFLICT', `${mounts.length} rules put the root together`, {
      path: '/root/path',
    });
  }
  return mounts.length === 0 && mayBePutTogether(document) ? notMounted() : undefined;
}

/** What is no rule refuses every container: nobody can say what it was meant for. */
function behindWall(given: Rule): Rule {
  if (isTrusted(given)) return given;
  try {
    return isolatedRule(given);
  } catch (error) {
    const { message } = error as Error;
    const evaluate = () => refuse('ERR_RULE_INVALID', message);
    return { name: 'unusable', triggers: 'every-create', reads: [], claims: () => true, evaluate };
  }
}

/** Adds what the rule did to `doings`, unless that is a conflict with one of them. */
function checkConflicts(doings: Doing[], rule: Rule, before: SpecDocument, step: Step): Step {
  const { outcome, document: after } = step;
  if (outcome.kind === 'refuse') return step;
  const doing: Doing = { rule, outcome, before, after };
  const refusal = after === before ? undefined : findConflict(doings, doing);
  doings.push(doing);
  return refusal === undefined ? step : { outcome: refusal, document: before };
}

interface Step {
  readonly outcome: Outcome;
  readonly document: SpecDocument;
  readonly cause?: unknown;
}

function takeStep(document: SpecDocument, rule: Rule, call: Call, host: Host): Step {
  try {
    const outcome = ask(document, rule, call, host);
    return outcome.kind === 'rewrite' ? applied(document, rule, outcome) : { outcome, document };
  } catch (error) {
    const { refusal, cause } = refusalOfStep(rule.name, error);
    return { outcome: refusal, document, cause };
  }
}

function ask(document: SpecDocument, rule: Rule, call: Call, host: Host): Outcome {
  if (!mayClaim(document.bytes, [rule]) || !rule.claims(document)) {
    return rule.whyNot?.(document, call) ?? { kind: 'pass', reason: 'no trigger' };
  }
  const faults = document.structureFindings(rule.reads).filter((finding) => finding.level === 'error');
  return faults.length > 0 ? ambiguous(faults) : rule.evaluate(document, call, host);
}

function ambiguous(faults: readonly Finding[]): Refuse {
  const listed = faults.slice(0, LISTED_FINDINGS).map(({ line, message }) => `line ${line}: ${message}`);
  const more = faults.length > LISTED_FINDINGS ? `; and ${faults.length - LISTED_FINDINGS} more` : '';
  return refuse('ERR_SPEC_AMBIGUOUS', `config.json can be read in two ways: ${listed.join('; ')}${more}`, {
    findings: faults.map(({ code, pointer, line, column }) => ({ code, pointer, line, column })),
  });
}

function applied(document: SpecDocument, rule: Rule, outcome: Rewrite): Step {
  try {
    return { outcome, document: document.apply(outcome.patch) };
  } catch (cause) {
    const code = errorCode(cause) === 'ERR_PATCH_AMBIGUOUS' ? 'ERR_SPEC_AMBIGUOUS' : 'ERR_RULE_PATCH';
    const message = `the patch of rule ${quoted(rule.name)} cannot be applied: ${messageOf(cause)}`;
    return { outcome: refuse(code, message, { rule: rule.name }), document, cause };
  }
}
