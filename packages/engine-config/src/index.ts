/**
 * Adds a runtime handler to the configuration of a container engine, and takes it out again: pure functions from the files
 * of a node to the files that have to change.
 *
 * @packageDocumentation
 */
export type {
  ConfiguredHandler,
  EngineChange,
  EngineReload,
  FileChange,
  HandlerRequest,
} from './engine-change.js';
export {
  ENGINE_CONFIG_ERROR_CODES,
  EngineConfigError,
  type EngineConfigErrorCode,
} from './engine-config-error.js';
export { configureEngine, findEngines, handlersOf, unconfigureEngine } from './engines.js';
export type { Distribution, EngineName, FoundEngine, NodeFiles } from './found-engine.js';
