/**
 * The parts of `oci-runtime-wrapper` and `ociwrap` as a library. Importing it does nothing: whatever touches the
 * machine is a function to call.
 *
 * @packageDocumentation
 */
export { builtInRules } from './built-in-rules.js';
export { CLI_ERROR_CODES, CliError, type CliErrorCode } from './cli-error.js';
export { type LoadOptions, loadSettings } from './config/load-settings.js';
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
} from './config/settings.js';
export { type ErrorCode, EXIT_STATUS, type FailureStatus, statusOf } from './exit-status.js';
export { formatRecord, LOG_LEVELS, type LogFields, type LogLevel, type LogRecord } from './format-record.js';
export { nodeHost } from './node-host.js';
export { type Dialect, type Invocation, parseInvocation } from './parse-invocation.js';
export { type CallInput, type Decision, type PlannedCall, type PlanSettings, planCall } from './plan-call.js';
export { type Refusal, refusalOf } from './refusal.js';
export { type RewriteBundleOptions, rewriteBundle } from './rewrite-bundle.js';
export type { LogSettings } from './wrapper-log.js';
