export {
  type DetailValue,
  RUNTIME_CLIENT_ERROR_CODES,
  RuntimeClientError,
  type RuntimeClientErrorCode,
  type RuntimeClientErrorOptions,
} from './runtime-client-error.js';
export { checkContainerId } from './store/container-id.js';
