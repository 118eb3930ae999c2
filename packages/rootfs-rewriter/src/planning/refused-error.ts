import { RewriterError } from '../rewriter-error.js';
import type { Plan } from './plan-rewrite.js';

/**
 * A refusal as an exception, for callers that need one. Its `code`, `hint` and `details` are those of the rule.
 *
 * @example
 * ```ts
 * import { planRewrite, pvcRootfs, RefusedError } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const document = documentOf(makeSpec(withAnnotation('sgs.snucse.org/os-volume', '')));
 * const plan = planRewrite(document, [pvcRootfs()], { verb: 'create', bundle: '/b' }, memoryHost());
 * if (plan.decision === 'refuse') console.log(new RefusedError(plan).code); // ERR_VOLUME_SELECTOR
 * ```
 */
export class RefusedError extends RewriterError {
  override readonly name = 'RefusedError';
  readonly plan: Plan;

  /** @throws TypeError if the plan is not a refusal */
  constructor(plan: Plan) {
    const { refusal } = plan;
    if (refusal === undefined)
      throw new TypeError('only a plan that refuses can be thrown as a RefusedError');
    super(refusal.code, refusal.message, {
      hint: refusal.hint,
      details: refusal.details,
      cause: refusal.cause,
    });
    this.plan = plan;
  }
}
