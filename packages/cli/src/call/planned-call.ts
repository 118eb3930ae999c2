import type { Plan } from '@opencontainers-ts/rootfs-rewriter';
import type { Resolution } from '@opencontainers-ts/runtime-resolver';
import type { BundleFile } from '@opencontainers-ts/runtime-spec/bundle';

import type { AuditedDecision } from './audited-decision.js';
import type { Invocation } from './parse-invocation.js';
import type { Refusal } from './refusal.js';

/** What is to be done with a call. */
export type Decision =
  | { readonly kind: 'pass'; readonly reason: string }
  | { readonly kind: 'rewrite' }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** The whole way of a call as values, each of which can be printed. */
export interface PlannedCall {
  readonly resolution: Resolution;
  readonly invocation: Invocation;
  /** Whether the verb is one that a rewrite can belong to. */
  readonly carriesRewrite: boolean;
  /** The bundle's config.json as read; absent when it was never opened. */
  readonly file?: BundleFile;
  /** That config.json, or the bundle, is not there. The call passes all the same: the runtime says it in its own words. */
  readonly missing?: Refusal;
  readonly plan?: Plan;
  /** Of a call that no rule can claim: annotations that are probably misspelt triggers. */
  readonly slips?: readonly string[];
  readonly decision: Decision;
  /** What would have become of the call by rules that are only tried, where that is something else. */
  readonly audit?: AuditedDecision;
  /** How the arguments were read, where they can be read in more than one way and a rule acts on one of them. */
  readonly readAs?: string;
}
