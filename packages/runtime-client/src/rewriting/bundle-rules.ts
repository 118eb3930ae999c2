import { resolve } from 'node:path';

import type { Call, Plan } from '@opencontainers-ts/rootfs-rewriter';

/** The commands that read the config.json of a bundle. */
export type CallVerb = Call['verb'];

/**
 * Asked before a container is made of a bundle: decides what its config.json has to be, and writes it. What it throws stops the call before
 * the runtime is asked to make anything. `bundleRules` of `@opencontainers-ts/cli` makes one of rules.
 *
 * @param bundle - an absolute path
 */
export type BundleRules = (bundle: string, verb: CallVerb) => Plan;

/** What was decided of a bundle. */
export interface PlannedBundle {
  /** Of a client with `rules`. */
  readonly plan?: Plan;
}

/** Asks the rules of a client that has any. */
export function planBundle(rules: BundleRules | undefined, bundle: string, verb: CallVerb): PlannedBundle {
  return rules === undefined ? {} : { plan: rules(resolve(bundle), verb) };
}
