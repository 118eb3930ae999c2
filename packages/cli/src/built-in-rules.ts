import { pvcRootfs, type Rule } from '@opencontainers-ts/rootfs-rewriter';

/** The rules that the wrapper applies, in order, where no configuration says otherwise: those of the SGS wrapper. */
export function builtInRules(): readonly Rule[] {
  return [pvcRootfs()];
}
