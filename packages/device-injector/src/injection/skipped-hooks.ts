import {
  type Call,
  gvisorRelease,
  type Host,
  namedRuntimeKind,
  type Refuse,
  type RuntimeVersion,
  runtimeKind,
  type UnknownVersion,
} from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { DEVICE_ERROR_CODES } from '../device-error.js';
import type { CdiHook, CdiHookName } from '../edits/hooks.js';

/** How the rule treats hooks that a runtime would not run. */
export interface SkippedHooksOptions {
  readonly hooksSkipped: 'refuse' | 'warn';
}

/** The first release of gVisor that runs createContainer hooks (google/gvisor#13034). */
const RUNS_CREATE_CONTAINER = 20260520;

/**
 * Hooks in the container's namespaces. runsc starts a container without those that it has no code for, and says so in its debug log
 * only: the libraries of a GPU then lack their links and their cache. No release runs startContainer hooks.
 */
const IN_CONTAINER: ReadonlySet<CdiHookName> = new Set(['createContainer', 'startContainer']);

/**
 * What is to be said where the runtime of the call skips hooks that an injection relies on. A version that nobody knows counts
 * as one that skips them.
 *
 * @returns a refusal, a warning, or undefined where the runtime runs them all
 */
export function skippedHooks(
  { runtime }: Call,
  hooks: readonly CdiHook[],
  { hooksSkipped }: SkippedHooksOptions,
  host: Host,
): Refuse | string | undefined {
  if (runtime === undefined || runtimeKind(runtime) !== 'runsc') return undefined;
  const inContainer = hooks.filter(({ hookName }) => IN_CONTAINER.has(hookName));
  if (inContainer.length === 0) return undefined;
  const version = host.runtimeVersion?.(runtime.path) ?? { unknown: 'nobody can be asked' };
  const skipped = inContainer.filter(({ hookName }) => !runs(version, hookName));
  if (skipped.length === 0) return undefined;
  const names = [...new Set(skipped.map(({ hookName, path }) => `${hookName} ${quoted(path)}`))];
  const message = `the runtime ${quoted(runtime.path)} skips hooks that the CDI devices rely on: ${names.join(', ')} (${why(version)})`;
  if (hooksSkipped === 'warn') return message;
  const { hint } = DEVICE_ERROR_CODES.ERR_CDI_HOOKS_SKIPPED;
  return {
    kind: 'refuse',
    code: 'ERR_CDI_HOOKS_SKIPPED',
    message,
    hint,
    details: {
      runtime: runtime.path,
      ...('unknown' in version ? {} : { version: version.version }),
      hooks: skipped.map(({ hookName, path }) => ({ hookName, path })),
    },
  };
}

function runs(version: RuntimeVersion | UnknownVersion, hookName: CdiHookName): boolean {
  if ('unknown' in version) return false;
  // What goes by the name of runsc may be another runtime, and those run them all.
  const kind = namedRuntimeKind({ path: version.name });
  if (kind !== undefined && kind !== 'runsc') return true;
  const release = gvisorRelease(version.version);
  return hookName === 'createContainer' && release !== undefined && release >= RUNS_CREATE_CONTAINER;
}

function why(version: RuntimeVersion | UnknownVersion): string {
  const since = `gVisor runs createContainer hooks since release-${RUNS_CREATE_CONTAINER}, and no startContainer hooks`;
  return 'unknown' in version
    ? `its version is unknown: ${version.unknown}; ${since}`
    : `it is ${version.version}; ${since}`;
}
