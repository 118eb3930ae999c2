export {
  type DetailValue,
  RUNTIME_CLIENT_ERROR_CODES,
  RuntimeClientError,
  type RuntimeClientErrorCode,
  type RuntimeClientErrorOptions,
} from './runtime-client-error.js';
export { checkContainerId } from './store/container-id.js';
export type { LockWait } from './store/container-lock.js';
export type { ContainerRecord, ContainerStep, ProcessIdentity } from './store/container-record.js';
export { ContainerStore, type LockedRecord, type StoredContainer } from './store/container-store.js';
