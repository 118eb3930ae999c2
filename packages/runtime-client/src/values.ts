/**
 * What of this package is functions of values and tables: it asks nothing of Node.js, and runs in any engine.
 *
 * @packageDocumentation
 */
export {
  type HookBehaviour,
  type HookDialect,
  type HookFailureEffect,
  hookBehaviour,
  type StageBehaviour,
} from './hooks/hook-behaviour.js';
export {
  type HookEnd,
  type HookOutput,
  type HookRun,
  type HooksRun,
  hookEndText,
} from './hooks/hook-result.js';
export { HOOK_STAGES, type HookStage, hookFailure, isHookStage } from './hooks/hook-stage.js';
export {
  type DetailValue,
  RUNTIME_CLIENT_ERROR_CODES,
  RuntimeClientError,
  type RuntimeClientErrorCode,
  type RuntimeClientErrorOptions,
} from './runtime-client-error.js';
