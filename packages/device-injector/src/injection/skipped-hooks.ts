import { type Call, type Refuse, runtimeKind } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { DEVICE_ERROR_CODES } from '../device-error.js';
import type { CdiHook, CdiHookName } from '../edits/hooks.js';

/** How the rule treats hooks that a runtime would not run. */
export interface SkippedHooksOptions {
  readonly hooksSkipped: 'refuse' | 'warn';
  readonly gvisorRunsHooks: boolean;
}

/**
 * runsc has no code for hooks in the container's namespaces before 2026 (google/gvisor#13034): it starts the container
 * without them and says so in its debug log only. The libraries of a GPU then lack their links and their cache.
 */
const SKIPPED_BY_RUNSC: ReadonlySet<CdiHookName> = new Set(['createContainer', 'startContainer']);

/**
 * What is to be said where the runtime of the call skips hooks that an injection relies on.
 *
 * @returns a refusal, a warning, or undefined where the runtime runs them all
 */
export function skippedHooks(
  { runtime }: Call,
  hooks: readonly CdiHook[],
  { hooksSkipped, gvisorRunsHooks }: SkippedHooksOptions,
): Refuse | string | undefined {
  if (gvisorRunsHooks || runtime === undefined || runtimeKind(runtime) !== 'runsc') return undefined;
  const skipped = hooks.filter(({ hookName }) => SKIPPED_BY_RUNSC.has(hookName));
  if (skipped.length === 0) return undefined;
  const names = [...new Set(skipped.map(({ hookName, path }) => `${hookName} ${quoted(path)}`))];
  const message = `the runtime ${quoted(runtime.path)} skips hooks that the CDI devices rely on: ${names.join(', ')}`;
  if (hooksSkipped === 'warn') return message;
  const { hint } = DEVICE_ERROR_CODES.ERR_CDI_HOOKS_SKIPPED;
  return {
    kind: 'refuse',
    code: 'ERR_CDI_HOOKS_SKIPPED',
    message,
    hint,
    details: { runtime: runtime.path, hooks: skipped.map(({ hookName, path }) => ({ hookName, path })) },
  };
}
