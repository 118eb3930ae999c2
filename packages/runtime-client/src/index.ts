/**
 * Containers on runc, crun or runsc with typed calls: {@link RuntimeClient} calls the commands of a runtime, one a method.
 *
 * @packageDocumentation
 */
export { type Capabilities, capabilitiesOf } from './capabilities/capabilities.js';
export { RuntimeClient } from './client/runtime-client.js';
export type { RuntimeProcess } from './client/runtime-process.js';
export type { RuntimeClientOptions } from './client/runtime-settings.js';
export type { StreamOptions } from './client/stream-options.js';
export type { CheckpointOptions, RestoreOptions } from './commands/checkpoint-commands.js';
export type { CallOptions } from './commands/command-line.js';
export type { CreateOptions, RunOptions } from './commands/create-command.js';
export type { ExecOptions } from './commands/exec-command.js';
export type { DeleteOptions, KillOptions } from './commands/lifecycle-commands.js';
export type { EventsOptions } from './commands/question-commands.js';
export { ConsoleSocket, type ConsoleSocketOptions, type TerminalOptions } from './console/console-socket.js';
export type { Terminal } from './console/terminal.js';
export { CheckedCalls } from './container/checked-calls.js';
export { Container } from './container/container.js';
export type {
  ContainerOptions,
  MadeOptions,
  RestoredContainerOptions,
  StoreOptions,
} from './container/container-options.js';
export type { StopForwarding } from './container/forwarded-signals.js';
export { type ContainerOperation, type OperationOutcome, outcomeOf } from './container/transitions.js';
export type { CommandName } from './dialects/command-name.js';
export type { DialectName } from './dialects/dialect-name.js';
export { parseRuntimeVersion, type RuntimeVersion } from './dialects/runtime-version.js';
export type { ContainerState, ContainerStatus } from './events/container-state.js';
export type { ListedContainer } from './events/listed-container.js';
export type { RuntimeEvent } from './events/runtime-event.js';
export type { ExitStatus } from './exit/exit-status.js';
export { ProcessHandle, type WaitOptions } from './exit/process-handle.js';
export { type RunHooksOptions, runHooks } from './hooks/run-hooks.js';
export type { Pipes, StreamChoice } from './process/standard-streams.js';
export type { BundleRules, CallVerb, PlannedBundle } from './rewriting/bundle-rules.js';
export type { FailureReason } from './runtime-log/failure-reason.js';
export { sandboxCpuUsage } from './sandbox/cpu-usage.js';
export { type DriverCapability, driverCapabilities } from './sandbox/driver-capabilities.js';
export { type GpuRequest, gpuRequest } from './sandbox/gpu-request.js';
export { type LeavingContainer, type ScoredContainer, sandboxOomScoreAdj } from './sandbox/oom-score.js';
export { type VisibleGpus, visibleGpus } from './sandbox/visible-gpus.js';
export { checkContainerId } from './store/container-id.js';
export type { LockWait } from './store/container-lock.js';
export type { ContainerRecord, ContainerStep, ProcessIdentity } from './store/container-record.js';
export { ContainerStore, type LockedRecord, type StoredContainer } from './store/container-store.js';
export * from './values.js';
