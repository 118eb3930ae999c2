import type { DEVICE_ERROR_CODES } from '@opencontainers-ts/device-injector';
import type { ENGINE_CONFIG_ERROR_CODES } from '@opencontainers-ts/engine-config';
import type { EXEC_NATIVE_ERROR_CODES } from '@opencontainers-ts/exec-native';
import type { REWRITER_ERROR_CODES } from '@opencontainers-ts/rootfs-rewriter';
import type { RESOLVER_ERROR_CODES } from '@opencontainers-ts/runtime-resolver';
import type { SPEC_ERROR_CODES } from '@opencontainers-ts/runtime-spec';

import type { CLI_ERROR_CODES } from '../cli-error.js';

/** Every code that any of the packages refuses with or throws. */
export type ErrorCode =
  | keyof typeof CLI_ERROR_CODES
  | keyof typeof DEVICE_ERROR_CODES
  | keyof typeof ENGINE_CONFIG_ERROR_CODES
  | keyof typeof EXEC_NATIVE_ERROR_CODES
  | keyof typeof RESOLVER_ERROR_CODES
  | keyof typeof REWRITER_ERROR_CODES
  | keyof typeof SPEC_ERROR_CODES;

/** `1`: refused, found faulty or failed. `2`: the command line itself is wrong, and nothing was tried. */
export type FailureStatus = 1 | 2;

/**
 * The exit status of `ociwrap` for each code. A record over all codes, so that a new code does not compile until
 * somebody has decided what its status is. `oci-runtime-wrapper` exits with 1 for every refusal, as runc does.
 *
 * @example
 * ```ts
 * import { EXIT_STATUS } from '@opencontainers-ts/cli';
 *
 * console.log(EXIT_STATUS.ERR_USAGE); // 2
 * ```
 */
export const EXIT_STATUS: Readonly<Record<ErrorCode, FailureStatus>> = {
  ERR_HOST_CHANGED: 1,
  ERR_EXEC_FAILED: 1,
  ERR_ARGUMENTS_AMBIGUOUS: 1,
  ERR_ENGINE_FAILED: 1,
  ERR_ROOT_NAMESPACE: 1,
  ERR_ROOT_MOUNT: 1,
  ERR_ROOT_UNSAFE: 1,
  ERR_ROOT_NO_PROGRAM: 1,
  ERR_ROOT_UNFIT: 1,
  ERR_VOLUME_EMPTY: 1,
  ERR_VOLUME_FULL: 1,
  ERR_VOLUME_FILL: 1,
  ERR_VOLUME_FOREIGN: 1,
  ERR_VOLUME_NO_UPPER: 1,
  ERR_VOLUME_IN_USE: 1,
  ERR_VOLUME_LEASED: 1,
  ERR_VOLUME_BUSY: 1,
  ERR_VOLUME_RECORD: 1,
  ERR_VOLUME_IDMAP: 1,
  ERR_IMAGE_CHANGED: 1,
  ERR_VOLUME_CHANGING: 1,
  ERR_VOLUME_RESET: 1,
  ERR_LAYER_ENTRY: 1,
  ERR_PATH_TOO_LONG: 1,
  ERR_SYSTEM_CALL: 1,
  ERR_ENGINE_FILE_BROKEN: 1,
  ERR_ENGINE_FILE_SHAPE: 1,
  ERR_ENGINE_HANDLER_TAKEN: 1,
  ERR_ENGINE_MARKS: 1,
  ERR_ENGINE_NO_CRI: 1,
  ERR_ENGINE_REQUEST: 2,
  ERR_USAGE: 2,
  ERR_INPUT_UNREADABLE: 1,
  ERR_OUTPUT_UNWRITABLE: 1,
  ERR_SETTINGS_MISSING: 1,
  ERR_SETTINGS_UNREADABLE: 1,
  ERR_SETTINGS_UNTRUSTED: 1,
  ERR_SETTINGS_SYNTAX: 1,
  ERR_SETTINGS_INVALID: 1,
  ERR_RULE_MODULE: 1,
  ERR_RULE_TIMEOUT: 1,
  ERR_RULE_MEMORY: 1,
  ERR_CALL_UNFINISHED: 1,
  ERR_UNEXPECTED: 1,
  ERR_CDI_HOOKS_SKIPPED: 1,
  ERR_CDI_UNRESOLVABLE: 1,
  ERR_CDI_REQUEST: 1,
  ERR_CDI_DEVICE_NODE: 1,
  ERR_NVIDIA_CONFIG: 1,
  ERR_NVIDIA_STATE: 1,
  ERR_NVIDIA_SPEC: 1,
  ERR_NVIDIA_REQUEST: 1,
  ERR_NVIDIA_MODE: 1,
  ERR_NVIDIA_CLI: 1,
  ERR_VOLUME_STRATEGY: 1,
  ERR_VOLUME_READONLY: 1,
  ERR_ROOT_OVERLAPS: 1,
  ERR_ROOT_NOT_MOUNTED: 1,
  ERR_USER_NAMESPACE_UNMAPPED: 1,
  ERR_SPEC_AMBIGUOUS: 1,
  ERR_SPEC_FIELD: 1,
  ERR_RULE_INVALID: 1,
  ERR_RULE_CRASHED: 1,
  ERR_RULE_OUTCOME: 1,
  ERR_RULE_PATCH: 1,
  ERR_RULE_CONFLICT: 1,
  ERR_RULE_DEVICE_MISSING: 1,
  ERR_RULE_HOOK_MISSING: 1,
  ERR_RULE_SECCOMP_PROFILE: 1,
  ERR_HOST_UNREADABLE: 1,
  ERR_POD_IDENTITY: 1,
  ERR_ROOT_MISSING: 1,
  ERR_VOLUME_SELECTOR: 1,
  ERR_CONTAINER_SELECTOR: 1,
  ERR_CONTAINER_NAME_UNKNOWN: 1,
  ERR_CONTAINER_NOT_NAMED: 1,
  ERR_VOLUME_NOT_FOUND: 1,
  ERR_VOLUME_AMBIGUOUS: 1,
  ERR_VOLUME_IS_BLOCK: 1,
  ERR_VOLUME_IDMAPPED: 1,
  ERR_VOLUME_OPTIONS: 1,
  ERR_VOLUME_NOT_PERSISTENT: 1,
  ERR_VOLUME_OUTSIDE_KUBELET: 1,
  ERR_VOLUME_LAYOUT: 1,
  ERR_VOLUME_OTHER_POD: 1,
  ERR_VOLUME_PATH_UNSAFE: 1,
  ERR_VOLUME_MISSING: 1,
  ERR_VOLUME_UNREACHABLE: 1,
  ERR_VOLUME_NOT_DIRECTORY: 1,
  ERR_VOLUME_NOT_MOUNTED: 1,
  ERR_GVISOR_ROOTFS_HINT: 1,
  ERR_GVISOR_ROOT: 1,
  ERR_RUNTIME_MISSING: 1,
  ERR_RUNTIME_NOT_EXECUTABLE: 1,
  ERR_RUNTIME_IS_SELF: 1,
  ERR_RUNTIME_CALLS_ITSELF: 1,
  ERR_RUNTIME_NOT_NAMED: 1,
  ERR_RUNTIME_LOOP: 1,
  ERR_SPEC_SYNTAX: 1,
  ERR_SPEC_EXTENT: 1,
  ERR_POINTER_SYNTAX: 1,
  ERR_PATCH_OPERATION: 1,
  ERR_PATCH_POINTER: 1,
  ERR_PATCH_VALUE: 1,
  ERR_PATCH_MISSING: 1,
  ERR_PATCH_TEST: 1,
  ERR_PATCH_AMBIGUOUS: 1,
  ERR_CONFIG_MISSING: 1,
  ERR_CONFIG_NOT_REGULAR: 1,
  ERR_CONFIG_UNREADABLE: 1,
  ERR_CONFIG_CHANGED: 1,
  ERR_CONFIG_WRITE: 1,
  ERR_LINT_RUNTIME: 2,
  ERR_ADDON_MISSING: 1,
  ERR_PROCESS_STATE: 1,
  ERR_NOT_MAIN_THREAD: 1,
  ERR_INVALID_ARG_TYPE: 1,
  ERR_INVALID_ARG_VALUE: 1,
};

/**
 * The exit status for a code; that of a rule's own code is the one of any refusal.
 *
 * @example
 * ```ts
 * import { statusOf } from '@opencontainers-ts/cli';
 *
 * console.log(statusOf('ERR_OF_MY_OWN_RULE')); // 1
 * ```
 */
export function statusOf(code: string): FailureStatus {
  return Object.hasOwn(EXIT_STATUS, code) ? EXIT_STATUS[code as ErrorCode] : 1;
}
