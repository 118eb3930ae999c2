/**
 * What JSON Schema cannot say about a configuration: the prose of the specification, and what each runtime refuses.
 *
 * An entry of its own: nothing that starts containers needs it.
 *
 * @packageDocumentation
 */
export { RUNTIME_DIALECTS, type RuntimeDialect } from './lint/dialect.js';
export { LINT_CODES, type LintCode } from './lint/lint-codes.js';
export { type LintFinding, type LintOptions, lintConfig } from './lint/lint-config.js';
