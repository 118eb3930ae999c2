import type { UncheckedObject } from './json-view.js';
import type { LintCode } from './lint-codes.js';

/** Takes one finding: its code, the path of the place, and what is wrong there. */
export type Report = (code: LintCode, path: readonly (string | number)[], message: string) => void;

/** The lints of one part of a configuration. */
export type LintTopic = (spec: UncheckedObject, report: Report, source: TokenAt) => void;

/** The exact text of a value, by its JSON Pointer: numbers beyond 2^53 are rounded in `spec`. */
export type TokenAt = (pointer: string) => string | undefined;
