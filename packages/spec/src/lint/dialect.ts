import { quoted } from '../printable.js';
import { SpecError } from '../spec-error.js';

/** The runtimes whose specific rules the lint knows. */
export const RUNTIME_DIALECTS = ['runc', 'crun', 'runsc'] as const;

/** A runtime whose specific rules the lint knows. */
export type RuntimeDialect = (typeof RUNTIME_DIALECTS)[number];

/**
 * A runtime in its current release, or in the named one: `crun@1.8.1`, `runc@1.1`. Releases of runsc are named by date:
 * `runsc@20240729`.
 */
export type RuntimeTarget = RuntimeDialect | `${RuntimeDialect}@${string}`;

/** A release as numbers, the most significant first; `undefined` for the current one, which is later than any. */
export type Release = readonly number[] | undefined;

/** A runtime and its release. */
export interface TargetRuntime {
  readonly runtime: RuntimeDialect;
  readonly release: Release;
}

/**
 * Parses the name of a runtime, with or without a release. It accepts the notations of the runtimes and distributions:
 * `1.1.5+ds1`, `v1.2.0-rc.1` (which counts as 1.2.0), `release-20240729.0`, `0.0~20221219.0`.
 *
 * @throws SpecError `ERR_LINT_RUNTIME`
 */
export function readTarget(target: string): TargetRuntime {
  const read = parseTarget(target);
  if (read === undefined) {
    const message = `${quoted(target)} is not one of ${RUNTIME_DIALECTS.join(', ')}, alone or with a release such as crun@1.21 or runsc@20240729`;
    throw new SpecError('ERR_LINT_RUNTIME', message, { details: { target } });
  }
  return read;
}

/**
 * Whether the text names a runtime that the lint knows, alone or with a release that it can read.
 *
 * @example
 * ```ts
 * import { isRuntimeTarget } from '@opencontainers-ts/runtime-spec/lint';
 *
 * console.log(['crun', 'crun@1.21', 'runsc@20240729', 'youki', 'crun@latest'].map(isRuntimeTarget));
 * // [ true, true, true, false, false ]
 * ```
 */
export function isRuntimeTarget(text: string): text is RuntimeTarget {
  return parseTarget(text) !== undefined;
}

function parseTarget(target: string): TargetRuntime | undefined {
  const at = target.indexOf('@');
  const name = at === -1 ? target : target.slice(0, at);
  const runtime = RUNTIME_DIALECTS.find((dialect) => dialect === name);
  if (runtime === undefined) return undefined;
  if (at === -1) return { runtime, release: undefined };
  const release = releaseOf(runtime, target.slice(at + 1));
  return release && { runtime, release };
}

function releaseOf(runtime: string, text: string): Release {
  // The tags of gVisor are days, and Debian puts "0.0~" in front of them.
  const form = runtime === 'runsc' ? /(?:^|[-~])(\d{8})(?:\.|$)/ : /^v?(\d{1,9}(?:\.\d{1,9})*)(?:$|[-+~])/;
  return form.exec(text)?.[1]?.split('.').map(Number);
}

/** Whether the release is the one that `bound` names, or a later one. */
export function isFrom(release: Release, bound: string): boolean {
  if (release === undefined) return true;
  const other = bound.split('.').map(Number);
  for (let i = 0; i < Math.max(release.length, other.length); i += 1) {
    const difference = (release[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
