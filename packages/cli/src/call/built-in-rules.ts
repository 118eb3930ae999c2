import { pvcRootfs, type Rule, sgsProfile } from '@opencontainers-ts/rootfs-rewriter';

/**
 * The rules that the wrapper applies, in order, where no configuration says otherwise: those of the SGS wrapper.
 *
 * @example
 * ```ts
 * import { builtInRules } from '@opencontainers-ts/cli';
 *
 * console.log(builtInRules().map(({ name }) => name)); // [ 'pvc-rootfs' ]
 * ```
 */
export function builtInRules(): readonly Rule[] {
  known ??= [pvcRootfs(sgsProfile)];
  return known;
}

let known: readonly Rule[] | undefined;
