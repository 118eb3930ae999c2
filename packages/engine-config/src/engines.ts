import type { ConfiguredHandler, EngineChange, FileChange, HandlerRequest } from './engine-change.js';
import { buildkitConfig } from './engines/buildkit.js';
import { containerdConfig } from './engines/containerd.js';
import { crioConfig } from './engines/cri-o.js';
import { dockerConfig } from './engines/docker.js';
import type { EngineConfig } from './engines/engine-config.js';
import { podmanConfig } from './engines/podman.js';
import { checkRequest } from './engines/request.js';
import type { EngineName, FoundEngine, NodeFiles } from './found-engine.js';

const CONFIGS: Readonly<Record<EngineName, EngineConfig>> = {
  containerd: containerdConfig,
  'cri-o': crioConfig,
  docker: dockerConfig,
  podman: podmanConfig,
  buildkit: buildkitConfig,
};

/**
 * The engines of a node, as its files tell: programs, units and configurations. Of containerd there can be several: a
 * node's own, and that of a distribution of Kubernetes.
 *
 * @example
 * ```ts
 * import { findEngines } from '@opencontainers-ts/engine-config';
 *
 * const files = { readFile: () => undefined, list: () => [], exists: (path: string) => path === '/usr/bin/podman' };
 * console.log(findEngines(files).map(({ engine }) => engine)); // [ 'podman' ]
 * ```
 * @throws EngineConfigError `ERR_ENGINE_FILE_BROKEN`
 */
export function findEngines(files: NodeFiles): readonly FoundEngine[] {
  return Object.values(CONFIGS).flatMap((config) => config.find(files));
}

/**
 * What has to change so that an engine has a handler. Asked again after the change, it gives no files.
 *
 * @example
 * ```ts
 * import { configureEngine, findEngines } from '@opencontainers-ts/engine-config';
 *
 * const files = { readFile: () => undefined, list: () => [], exists: (path: string) => path === '/usr/sbin/dockerd' };
 * const program = '/opt/ociwrap/bin/oci-runtime-wrapper';
 * for (const engine of findEngines(files)) {
 *   const change = configureEngine(engine, files, {
 *     handler: 'pvc', program, podAnnotations: [], setDefault: false, systemdCgroup: 'as-runc',
 *   });
 *   console.log(change.files.map(({ path }) => path)); // [ '/etc/docker/daemon.json' ]
 * }
 * ```
 * @throws EngineConfigError
 */
export function configureEngine(
  engine: FoundEngine,
  files: NodeFiles,
  request: HandlerRequest,
): EngineChange {
  checkRequest(request);
  return CONFIGS[engine.engine].configure(engine, files, request);
}

/**
 * What has to change so that an engine has a handler of ours no more. A file that nobody else has changed gets the bytes that it
 * had; of any other, what stands between our marks is taken out.
 *
 * @param recorded - what {@link configureEngine} once gave, if somebody has kept it: JSON has no comments and so no marks
 * @example
 * ```ts
 * import { findEngines, unconfigureEngine } from '@opencontainers-ts/engine-config';
 *
 * const files = { readFile: () => undefined, list: () => [], exists: (path: string) => path === '/usr/sbin/dockerd' };
 * for (const engine of findEngines(files)) {
 *   console.log(unconfigureEngine(engine, files, 'pvc').files.length); // 0
 * }
 * ```
 * @throws EngineConfigError
 */
export function unconfigureEngine(
  engine: FoundEngine,
  files: NodeFiles,
  handler: string,
  recorded: readonly FileChange[] = [],
): EngineChange {
  return CONFIGS[engine.engine].unconfigure(engine, files, handler, recorded);
}

/**
 * The handlers that the files of an engine name.
 *
 * @example
 * ```ts
 * import { findEngines, handlersOf } from '@opencontainers-ts/engine-config';
 *
 * const text = '{"runtimes": {"pvc": {"path": "/opt/ociwrap/bin/oci-runtime-wrapper"}}}';
 * const files = {
 *   readFile: (path: string) => (path === '/etc/docker/daemon.json' ? new TextEncoder().encode(text) : undefined),
 *   list: () => [],
 *   exists: (path: string) => path === '/etc/docker/daemon.json',
 * };
 * for (const engine of findEngines(files)) {
 *   console.log(handlersOf(engine, files).map(({ name, isOurs }) => `${name} ${isOurs}`)); // [ 'pvc true' ]
 * }
 * ```
 * @throws EngineConfigError `ERR_ENGINE_FILE_BROKEN`
 */
export function handlersOf(engine: FoundEngine, files: NodeFiles): readonly ConfiguredHandler[] {
  return CONFIGS[engine.engine].handlers(engine, files);
}
