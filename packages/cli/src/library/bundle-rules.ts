import type { Call, Plan } from '@opencontainers-ts/rootfs-rewriter';

import { type RewriteBundleOptions, rewriteBundle } from './rewrite-bundle.js';

/**
 * Rules as a client of runtimes asks them (`rules` of `RuntimeClient`, runtime-client): before a container is made, its bundle is rewritten as
 * {@link rewriteBundle} does, so that no wrapper is needed. A refusal, or a root that only a start of the wrapper can mount, stops the call
 * before the runtime is asked.
 *
 * @returns gets the bundle folder, absolute, and the verb of the call; throws as {@link rewriteBundle} does, and CliError
 *   `ERR_ROOT_NAMESPACE`
 * @example
 * ```ts
 * import { bundleRules } from '@opencontainers-ts/cli';
 * import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 * import { RuntimeClient } from '@opencontainers-ts/runtime-client';
 *
 * const client = new RuntimeClient({ runtime: 'crun', rules: bundleRules({ rules: [pvcRootfs()] }) });
 * console.log(client.runtime); // crun
 * ```
 */
export function bundleRules(
  options: Omit<RewriteBundleOptions, 'verb' | 'dryRun'>,
): (bundle: string, verb: Call['verb']) => Plan {
  return (bundle, verb) => rewriteBundle(bundle, { ...options, verb, dryRun: false });
}
