import type { Call, Host, Plan, Rule } from '@opencontainers-ts/rootfs-rewriter';

import { rewriteBundle as rewriteOver } from '../call/rewrite-bundle.js';
import { nodeSystem } from '../system/node-system.js';
import { systemHost } from '../system/system-host.js';

/**
 * How a bundle is rewritten.
 */
export interface RewriteBundleOptions {
  /** In the order in which they are asked; each sees the document as the ones before left it. */
  readonly rules: readonly Rule[];
  /** What the rules see of the machine. @defaultValue {@link nodeHost} */
  readonly host?: Host;
  /** Plan only, write nothing. @defaultValue `false` */
  readonly dryRun?: boolean;
  /** The verb that the rules are told of. @defaultValue `create` */
  readonly verb?: Call['verb'];
  /** Mode of a config.json that is rewritten: the one that it had, or 0600. @defaultValue `preserve` */
  readonly configMode?: 'preserve' | 'private';
}

/**
 * Applies rules to a bundle without starting anything. config.json is written as the wrapper writes it: whole or not
 * at all, and not touched when no rule changes it. What rules want done on the machine (`plan.actions`) is left to a
 * start.
 *
 * @param dir - the bundle folder, absolute
 * @returns what was decided, with the new document; `plan.decision` is `pass` or `rewrite`
 * @throws RefusedError (rootfs-rewriter) with the code of the rule that refuses, and the plan: nothing is written
 * @throws SpecError `ERR_CONFIG_MISSING`, `ERR_CONFIG_NOT_REGULAR`, `ERR_CONFIG_UNREADABLE`, `ERR_SPEC_SYNTAX`;
 *   `ERR_CONFIG_CHANGED`, `ERR_CONFIG_WRITE` while writing
 * @throws CliError `ERR_HOST_CHANGED` when a volume was swapped meanwhile: config.json is already rewritten then
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { rewriteBundle } from '@opencontainers-ts/cli';
 * import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
 * writeFileSync(join(bundle, 'config.json'), '{"ociVersion":"1.2.0"}');
 * console.log(rewriteBundle(bundle, { rules: [pvcRootfs()] }).decision); // pass
 * ```
 */
export function rewriteBundle(dir: string, options: RewriteBundleOptions): Plan {
  const files = nodeSystem();
  return rewriteOver(dir, { host: systemHost(files), files, ...options });
}
