import {
  type Call,
  type Host,
  type Plan,
  type PlanOptions,
  planRewrite,
  RefusedError,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import { checkExtent, SpecDocument } from '@opencontainers-ts/runtime-spec';
import { type BundleFiles, checkReplaceable, readBundleConfig } from '@opencontainers-ts/runtime-spec/bundle';

import { carryOut } from './carry-out.js';

/** How a bundle is rewritten. */
export interface RewriteOfBundle {
  /** In the order in which they are asked; each sees the document as the ones before left it. */
  readonly rules: readonly Rule[];
  /** What the rules see of the machine. */
  readonly host: Host;
  readonly files: BundleFiles;
  /** Plan only, write nothing. @defaultValue `false` */
  readonly dryRun?: boolean;
  /** The verb that the rules are told of. @defaultValue `create` */
  readonly verb?: Call['verb'];
  /** Mode of a config.json that is rewritten: the one that it had, or 0600. @defaultValue `preserve` */
  readonly configMode?: 'preserve' | 'private';
  /** See `planRewrite`. */
  readonly required?: PlanOptions['required'];
}

/** Applies rules to a bundle without starting anything, as `rewriteBundle` of the library says. */
export function rewriteBundle(
  dir: string,
  { rules, host, files, dryRun = false, verb = 'create', configMode, required }: RewriteOfBundle,
): Plan {
  const file = readBundleConfig(dir, undefined, files);
  const path = `${dir}/config.json`;
  checkExtent(file.bytes, path);
  const document = SpecDocument.parse(file.bytes, path);
  const options = required === undefined ? {} : { required };
  const plan = planRewrite(document, rules, { verb, bundle: dir }, host, options);
  if (plan.decision === 'refuse') {
    throw new RefusedError(plan);
  }
  if (plan.decision === 'rewrite') checkReplaceable(file);
  if (!dryRun) {
    carryOut({ file, plan }, host, { files, ...(configMode === undefined ? {} : { configMode }) });
  }
  return plan;
}
