/**
 * The parts of `oci-runtime-wrapper` and `ociwrap` as a library. Importing it does nothing: whatever touches the
 * machine is a function to call.
 *
 * @packageDocumentation
 */
export { builtInRules } from './call/built-in-rules.js';
export { type Dialect, type Invocation, parseInvocation } from './call/parse-invocation.js';
export {
  type CallInput,
  type PlanSettings,
  planCall,
} from './call/plan-call.js';
export type { Decision, PlannedCall } from './call/planned-call.js';
export { type Refusal, refusalOf } from './call/refusal.js';
export { CLI_ERROR_CODES, CliError, type CliErrorCode } from './cli-error.js';
export { type ErrorCode, EXIT_STATUS, type FailureStatus, statusOf } from './commands/exit-status.js';
export type { LoadOptions } from './config/settings/load-settings.js';
export type {
  CdiRuleSettings,
  CdiSettings,
  KeyPath,
  Origin,
  ProfileName,
  RuleOrigin,
  Settings,
  SettingsFault,
  SettingsInput,
} from './config/settings/settings.js';
export { bundleRules } from './library/bundle-rules.js';
export { loadSettings } from './library/load-settings.js';
export { nodeHost } from './library/node-host.js';
export { type RewriteBundleOptions, rewriteBundle } from './library/rewrite-bundle.js';
export {
  formatRecord,
  LOG_LEVELS,
  type LogFields,
  type LogLevel,
  type LogRecord,
} from './log/format-record.js';
export type { LogSettings } from './log/wrapper-log.js';
export type { ModuleHost, ModuleRealm, Outside, RealmFailure } from './system/module-host.js';
export { nodeSystem } from './system/node-system.js';
export type { BeneathRoot, EntryBeneath, ExpectedEntry, System } from './system/system.js';
