import { GVISOR_LINT_CODES } from './gvisor/gvisor-lint-codes.js';
import { LINUX_LINT_CODES } from './linux/linux-lint-codes.js';
import { MOUNT_LINT_CODES } from './mounts/mount-lint-codes.js';
import { PROCESS_LINT_CODES } from './process/process-lint-codes.js';

/**
 * The codes of lint findings, each with the runtimes that refuse it in their current releases. The list is empty for a rule
 * of the specification that no runtime enforces.
 */
export const LINT_CODES = {
  ...PROCESS_LINT_CODES,
  ...MOUNT_LINT_CODES,
  ...LINUX_LINT_CODES,
  ...GVISOR_LINT_CODES,
} as const;

/** A code of a lint finding. */
export type LintCode = keyof typeof LINT_CODES;
