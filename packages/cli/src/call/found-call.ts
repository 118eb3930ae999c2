import type { Resolution, RuntimeMode } from '@opencontainers-ts/runtime-resolver';

import { textOf } from '../system/text.js';
import type { Invocation } from './parse-invocation.js';

/** What the launcher knows of a call before this program begins: what `resolveRuntime` and `parseInvocation` would give. */
export interface FoundCall {
  readonly resolution: Resolution;
  readonly invocation: Invocation;
  /** It went by its table for calls like this one, which is up to date. */
  readonly hasTable: boolean;
}

/** The members that are bytes of the arguments. */
const ARGUMENTS = ['bundle', 'configFile', 'id', 'log', 'root'] as const;

/**
 * Reads what the launcher found (found-call.cc of packages/launcher). It only tells of a call of which all is certain: a runtime that
 * nothing is to be warned of, and arguments that can be read in one way.
 *
 * @returns undefined where it did not tell
 */
export function readFoundCall(found: ReadonlyMap<string, Uint8Array>): FoundCall | undefined {
  if (found.size === 0) return undefined;
  const text = (name: string) => {
    const value = found.get(name);
    return value === undefined ? undefined : textOf(value);
  };
  const [path = '', mode = '', realPath, nvidiaConfig] = ['path', 'mode', 'realPath', 'nvidiaConfig'].map(
    text,
  );
  const [verb, logFormat] = ['verb', 'logFormat'].map(text);
  const [dev, ino, depth] = ['device', 'inode', 'depth'].map((name) => BigInt(text(name) ?? 0));
  const runtime = {
    path,
    ...(realPath === undefined ? {} : { realPath }),
    argv0: path.slice(path.lastIndexOf('/') + 1),
    id: { dev: dev ?? 0n, ino: ino ?? 0n },
    mode: mode as RuntimeMode,
    ...(nvidiaConfig === undefined ? {} : { nvidiaConfig }),
  };
  const given: Record<string, Uint8Array> = {};
  for (const name of ARGUMENTS) {
    const value = found.get(name);
    if (value !== undefined) given[name] = value;
  }
  return {
    resolution: { runtime, mode: runtime.mode, warnings: [], trail: [], depth: Number(depth) },
    invocation: {
      ...(verb === undefined ? {} : { verb }),
      ...given,
      ...(logFormat === undefined ? {} : { logFormat: logFormat as NonNullable<Invocation['logFormat']> }),
      certain: true,
    },
    hasTable: found.has('table'),
  };
}
