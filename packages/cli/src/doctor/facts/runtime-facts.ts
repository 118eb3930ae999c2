import { type KnownFault, knownFaults, type RuntimeKind } from '@opencontainers-ts/rootfs-rewriter';
import { DEFAULT_SEARCH_PATH } from '@opencontainers-ts/runtime-resolver';

import type { World } from '../../commands/world.js';
import { askRuntimeVersion } from '../../runtime-version/runtime-version.js';
import { join } from '../../system/paths.js';
import { isFailure, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';

/** The runtimes that engines call, by the names of their files. */
const RUNTIMES: readonly RuntimeKind[] = ['runc', 'crun', 'runsc', 'youki'];

/** A runtime of this node, and what is wrong with it. */
export interface FoundRuntime {
  readonly path: string;
  /** What it calls itself, and its version; null where it does not say it. */
  readonly name: string | null;
  readonly version: string | null;
  /** Why nobody knows its version. */
  readonly unknown?: string;
  readonly faults: readonly KnownFault[];
}

/**
 * The runtimes of a node, each once, whatever links lead to it; not the wrapper, which may bear their names. Each is started with
 * `--version`.
 *
 * @param named - runtimes that the configuration calls, wherever they are
 */
export function runtimeFacts(
  { system, env, self }: Pick<World, 'system' | 'env' | 'self'>,
  named: readonly string[] = [],
): readonly FoundRuntime[] {
  const { PATH = DEFAULT_SEARCH_PATH } = env;
  const folders = `${PATH}:${DEFAULT_SEARCH_PATH}`.split(':').filter((folder) => folder.startsWith('/'));
  const found = new Map<string, string>();
  for (const path of [...RUNTIMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...named]) {
    const status = system.stat(path);
    if (isFailure(status) || status.type !== 'file' || !system.mayExecute(path)) continue;
    if (status.dev === self.dev && status.ino === self.ino) continue;
    const real = system.realpath(path);
    found.set(`${status.dev} ${status.ino}`, isFailure(real) ? path : textOf(real));
  }
  return [...found.values()].map((path) => lookAt(system, path));
}

function lookAt(system: System, path: string): FoundRuntime {
  const said = askRuntimeVersion(system, path);
  if ('unknown' in said) return { path, name: null, version: null, unknown: said.unknown, faults: [] };
  const { name, version } = said;
  const kind = RUNTIMES.find((each) => each === name);
  return { path, name, version, faults: kind === undefined ? [] : knownFaults(kind, version) };
}
