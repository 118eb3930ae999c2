/**
 * What JSON Schema cannot express about a configuration: the prose of the specification, and what each runtime refuses.
 *
 * It is a separate entry point, because nothing that starts containers needs it.
 *
 * @packageDocumentation
 */
export {
  isRuntimeTarget,
  RUNTIME_DIALECTS,
  type RuntimeDialect,
  type RuntimeTarget,
} from './lint/dialect.js';
export type { HintFault } from './lint/gvisor/gvisor-hint.js';
export { findMountHint, type MountHint, type MountHints, readMountHints } from './lint/gvisor/mount-hints.js';
export { type RootfsHint, readRootfsHint } from './lint/gvisor/rootfs-hint.js';
export { LINT_CODES, type LintCode } from './lint/lint-codes.js';
export { type LintFinding, type LintOptions, lintConfig } from './lint/lint-config.js';
export type { LintRow, RuntimeReleases } from './lint/lint-row.js';
