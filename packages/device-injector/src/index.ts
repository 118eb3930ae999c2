export type {
  CdiDeviceNode,
  CdiHook,
  CdiHookName,
  CdiIntelRdt,
  CdiMount,
  CdiNetDevice,
  CdiSpec,
  CdiSpecDevice,
  ContainerEdits,
} from './cdi/cdi-spec.js';
export { checkSpecText } from './cdi/check-spec-text.js';
export { loadCdiRegistry } from './cdi/load-registry.js';
export { isQualifiedName, parseQualifiedName, type QualifiedName } from './cdi/qualified-name.js';
export {
  type CdiDevice,
  type CdiProblem,
  type CdiRegistry,
  type CdiSpecFile,
  DEFAULT_CDI_DIRECTORIES,
  type LoadOptions,
  type LoadRegistry,
} from './cdi/registry.js';
export { DEVICE_ERROR_CODES, DeviceError, type DeviceErrorCode } from './device-error.js';
export type { DeviceHost } from './device-host.js';
export { type CdiDevicesOptions, cdiDevices } from './injection/cdi-devices.js';
export type { CdiRequestSource } from './injection/device-requests.js';
