import { quoted } from '@opencontainers-ts/runtime-spec';
import { lentCall, lentHost } from './lent-values.js';
import { readOutcome } from './read-outcome.js';
import { readRule } from './read-rule.js';
import { kindOf, ValueFault } from './read-value.js';
import { refuse } from './refuse.js';
import type { Pass, Refuse, Rule } from './rule.js';
import { refusalOfThrown } from './thrown-error.js';
import { trustedRule } from './trusted-rule.js';

/**
 * Runs untrusted code: to its end, or until it throws something with a code and a hint of its own.
 */
export type RunStep = <T>(step: () => T) => T;

/** Why a step of a rule came to nothing. */
interface Failure {
  readonly refusal: Refuse;
  /** What the rule threw. */
  readonly cause?: unknown;
}

/** A step of a rule that came to nothing, and how that is told. */
export class StepFailure extends Error implements Failure {
  override readonly name = 'StepFailure';
  readonly refusal: Refuse;

  constructor({ refusal, cause }: Failure) {
    super(refusal.message, { cause });
    this.refusal = refusal;
  }
}

/** Why a rule that was asked gave no answer. */
export function refusalOfStep(rule: string, error: unknown): Failure {
  // Told by its name: the rule may come from another copy of this package.
  return error instanceof Error && error.name === 'StepFailure'
    ? (error as StepFailure)
    : { refusal: refusalOfThrown(rule, error), cause: error };
}

/**
 * Isolates an untrusted rule. It is given copies, with a frozen `spec`, so that nothing it does to them reaches the document
 * or another rule. What it returns is read into new values, and becomes a refusal with `ERR_RULE_OUTCOME` if it is not a
 * valid outcome. `planRewrite` isolates every rule that is not trusted; call this directly to limit, with `run`, how long
 * the code may take.
 *
 * @param given - what should be a rule
 * @param run - calls the code of the rule. What it throws itself also ends as a refusal
 * @throws {@link RewriterError} `ERR_RULE_INVALID`, as {@link defineRule}
 *
 * @example
 * ```ts
 * import { isolatedRule, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const late = isolatedRule({
 *   name: 'late',
 *   triggers: 'every-create',
 *   reads: [],
 *   claims: () => true,
 *   evaluate: async () => ({ kind: 'refuse', code: 'ERR_LATE', message: 'too late' }),
 * });
 * const plan = planRewrite(documentOf(makeSpec()), [late], { verb: 'create', bundle: '/b' }, memoryHost());
 * console.log(plan.refusal?.code); // ERR_RULE_OUTCOME
 * ```
 */
export function isolatedRule(given: unknown, run: RunStep = (step) => step()): Rule {
  const { name, triggers, reads, override, audit, claims, whyNot, evaluate } = readRule(given);
  return trustedRule({
    name,
    triggers,
    reads,
    ...(override ? { override } : {}),
    ...(audit ? { audit } : {}),
    claims: (document) => answerTo(name, () => readVerdict(claims(document.detached())), run),
    ...(whyNot === undefined
      ? {}
      : {
          whyNot: (document, call) => whyNotOf(name, () => whyNot(document.detached(), lentCall(call)), run),
        }),
    evaluate: (document, call, host) =>
      answerTo(name, () => outcomeOf(evaluate(document.detached(), lentCall(call), lentHost(host))), run),
  });
}

/** Everything that touches the rule's own values happens within `run`, also a look at what it throws. */
export function answerTo<T>(name: string, step: () => T, run: RunStep = (each) => each()): T {
  const answer = run((): { readonly value: T } | Failure => {
    try {
      return { value: step() };
    } catch (cause) {
      return cause instanceof StepFailure ? cause : { refusal: refusalOf(name, cause), cause };
    }
  });
  if ('value' in answer) return answer.value;
  throw new StepFailure(answer);
}

function refusalOf(name: string, cause: unknown): Refuse {
  return cause instanceof ValueFault
    ? refuse('ERR_RULE_OUTCOME', `rule ${quoted(name)} gave no answer that can be used: ${cause.message}`, {
        rule: name,
      })
    : refusalOfThrown(name, cause);
}

/** What a rule said, as an outcome of our own. */
export function outcomeOf(said: unknown) {
  leaveAlone(said);
  return readOutcome(said);
}

/** A text or an object would count as true, a promise of false too, and `undefined` as false. */
export function readVerdict(said: unknown): boolean {
  leaveAlone(said);
  if (typeof said !== 'boolean')
    throw new ValueFault(`"claims" gave ${kindOf(said)}, neither true nor false`);
  return said;
}

/** Nothing rests on it, so that whatever is wrong with it stops no container; the trace says it. */
export function whyNotOf(name: string, step: () => unknown, run?: RunStep): Pass | undefined {
  try {
    const look = () => {
      const pass = step();
      return pass === undefined ? undefined : outcomeOf(pass);
    };
    const said = answerTo(name, look, run);
    if (said === undefined) return undefined;
    if (said.kind === 'pass') {
      const { reason, because } = said;
      return { kind: 'pass', reason, ...(because === undefined ? {} : { because }) };
    }
    return { kind: 'pass', reason: `no trigger; "whyNot" said ${quoted(said.kind)}` };
  } catch (error) {
    return { kind: 'pass', reason: `no trigger; "whyNot": ${refusalOfStep(name, error).refusal.message}` };
  }
}

/** A promise that nobody waits for must not end the program when it is rejected. */
function leaveAlone(said: unknown): void {
  if (said instanceof Promise) Promise.prototype.then.call(said, undefined, () => undefined);
}
