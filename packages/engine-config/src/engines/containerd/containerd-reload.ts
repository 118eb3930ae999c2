import type { EngineReload } from '../../engine-change.js';
import type { FoundEngine, NodeFiles } from '../../found-engine.js';
import { NO_RELOAD, reloadOf } from '../file-changes.js';
import { isManagedByK0s } from './target-file.js';

/** containerd reads its configuration when it starts. Containers and their shims live on meanwhile. */
export function reloadOfContainerd(engine: FoundEngine, files: NodeFiles): EngineReload {
  // k0s watches the folder of drop-ins, and starts its containerd anew when something changes there.
  if (engine.distribution === 'k0s' && isManagedByK0s(files)) return NO_RELOAD;
  return reloadOf('restart', engine.unit);
}
