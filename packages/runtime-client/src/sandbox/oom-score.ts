import type { ContainerKind } from '@opencontainers-ts/runtime-spec';
import { RuntimeClientError } from '../runtime-client-error.js';

/** A container of a sandbox: its kind, and `process.oomScoreAdj` of its config.json. */
export interface ScoredContainer {
  readonly kind: ContainerKind['kind'];
  /** -1000 (never killed) to 1000 (killed first); nothing where the config.json says nothing. */
  readonly oomScoreAdj?: number | null | undefined;
}

/** A container that leaves a sandbox. */
export interface LeavingContainer {
  readonly kind: ContainerKind['kind'];
  /** The adjustment that the sandbox was started with. */
  readonly original: number;
}

/**
 * The `oom_score_adj` that the process of a sandbox should have: the lowest one of its containers, since the kernel can only kill
 * them all at once. The pause container does not count: it always asks for a very low one (adjustSandboxOOMScoreAdj in
 * runsc/container/container.go).
 *
 * @param containers - those in the sandbox, without the one that leaves
 * @param leaving - a container that is being destroyed; where nobody else asks for anything, the sandbox has its own score again
 * @returns undefined where the score is to stay as it is: nobody asks for another, or the sandbox ends
 * @throws RuntimeClientError `ERR_RUNTIME_OPTION` for a score that the kernel does not have
 * @example
 * ```ts
 * import { sandboxOomScoreAdj } from '@opencontainers-ts/runtime-client';
 *
 * const pause = { kind: 'sandbox', oomScoreAdj: -998 } as const;
 * const scores = [999, -500].map((oomScoreAdj) => ({ kind: 'container', oomScoreAdj }) as const);
 * console.log(sandboxOomScoreAdj([pause, ...scores])); // -500
 * console.log(sandboxOomScoreAdj([pause], { kind: 'container', original: 0 })); // 0
 * ```
 */
export function sandboxOomScoreAdj(
  containers: readonly ScoredContainer[],
  leaving?: LeavingContainer,
): number | undefined {
  // The sandbox ends with its first container.
  if (containers.length === 0 || (leaving !== undefined && leaving.kind !== 'container')) return undefined;
  const scores = containers.flatMap(({ kind, oomScoreAdj }) =>
    kind === 'sandbox' || oomScoreAdj === undefined || oomScoreAdj === null ? [] : [checked(oomScoreAdj)],
  );
  if (scores.length === 0) return leaving === undefined ? undefined : checked(leaving.original);
  return scores.reduce((lowest, score) => Math.min(lowest, score));
}

/** proc_pid_oom_score_adj(5). */
function checked(score: number): number {
  if (Number.isInteger(score) && Math.abs(score) <= 1000) return score;
  const message = `${String(score)} is not an adjustment for the out-of-memory killer, a whole number in -1000 to 1000`;
  throw new RuntimeClientError('ERR_RUNTIME_OPTION', message, { details: { score } });
}
