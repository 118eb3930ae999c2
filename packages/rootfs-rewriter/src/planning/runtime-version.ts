/** What a runtime says of itself when it is called with `--version`. */
export interface RuntimeVersion {
  /** Its own name, such as `runsc`; the file may be called otherwise. */
  readonly name: string;
  /** As it prints it: `1.3.6`, `release-20260520.0`, `0.0~20240729.0` (gVisor of Debian). */
  readonly version: string;
}

/** Why nobody knows the version of a runtime, in a clause: `it prints none`. */
export interface UnknownVersion {
  readonly unknown: string;
}

/**
 * The version in what a runtime prints for `--version`. runc, crun, runsc and youki begin with `NAME version VERSION`; what
 * follows differs.
 *
 * @returns undefined if the first line is anything else
 *
 * @example
 * ```ts
 * import { readRuntimeVersion } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(readRuntimeVersion('runc version 1.1.5\nspec: 1.0.2-dev')); // { name: 'runc', version: '1.1.5' }
 * ```
 */
export function readRuntimeVersion(output: string): RuntimeVersion | undefined {
  const [, name, version] = /^([\w.-]{1,100}) version ([\w.~+:-]{1,100})\s/.exec(`${output}\n`) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/**
 * The release of gVisor that a version of runsc is: its date, as a number that can be compared.
 *
 * @returns undefined for a version without a date: one that somebody has built without saying it (`VERSION_MISSING`)
 *
 * @example
 * ```ts
 * import { gvisorRelease } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(gvisorRelease('release-20260520.0')); // 20260520
 * ```
 */
export function gvisorRelease(version: string): number | undefined {
  const [, date] = /^(?:release-|0\.0[~.])?(20\d{6})(?!\d)/.exec(version) ?? [];
  return date === undefined ? undefined : Number(date);
}
