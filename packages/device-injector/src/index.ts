export type { CdiSpec, CdiSpecDevice } from './cdi/cdi-spec.js';
export { checkSpecText } from './cdi/check-spec-text.js';
export { lintSpecText } from './cdi/lint-spec-text.js';
export { isQualifiedName, parseQualifiedName, type QualifiedName } from './cdi/qualified-name.js';
export { loadCdiRegistry } from './cdi/registry/load-registry.js';
export {
  type CdiDevice,
  type CdiProblem,
  type CdiRegistry,
  type CdiSpecFile,
  DEFAULT_CDI_DIRECTORIES,
  type LoadOptions,
  type LoadRegistry,
} from './cdi/registry/registry.js';
export { isMisnamedSpec } from './cdi/spec-name.js';
export { DEVICE_ERROR_CODES, DeviceError, type DeviceErrorCode } from './device-error.js';
export type { DeviceHost } from './device-host.js';
export type { ContainerEdits } from './edits/container-edits.js';
export type { CdiDeviceNode } from './edits/device-node.js';
export type { CdiHook, CdiHookName } from './edits/hooks.js';
export type { CdiIntelRdt } from './edits/intel-rdt.js';
export type { CdiMount } from './edits/mounts.js';
export type { CdiNetDevice } from './edits/net-devices.js';
export { cdiDevices } from './injection/cdi-devices.js';
export type { CdiDevicesOptions } from './injection/cdi-options.js';
export type { CdiRequestSource } from './injection/device-requests.js';
export { nearNames } from './injection/near-names.js';
export { resolveDevices } from './injection/resolve-devices.js';
export { type CliTarget, nvidiaCliArguments } from './nvidia/cli-arguments.js';
export {
  type ContainerState,
  type NvidiaMount,
  type NvidiaSpec,
  readContainerState,
} from './nvidia/container-spec.js';
export {
  type FoundHookConfig,
  findNvidiaHookConfig,
  type HookConfigPlaces,
} from './nvidia/find-hook-config.js';
export {
  type NvidiaCliConfig,
  type NvidiaFeatures,
  type NvidiaHookConfig,
  nvidiaHookDefaults,
} from './nvidia/hook-config.js';
export { getNvidiaConfig, type NvidiaAnswer, type NvidiaConfig } from './nvidia/nvidia-config.js';
export { type NvidiaMessage, nvidiaMessageLine } from './nvidia/nvidia-message.js';
export type { NvidiaOrigin } from './nvidia/nvidia-origin.js';
export {
  type NvidiaHookCall,
  type NvidiaHookPlan,
  nvidiaExecFailure,
  planNvidiaHook,
  readContainerSpec,
} from './nvidia/plan-hook.js';
export { NVIDIA_PROFILES, type NvidiaProfile } from './nvidia/profile.js';
export { nvidiaRuntimeMode, type RuntimeModeChoice } from './nvidia/runtime-mode.js';
