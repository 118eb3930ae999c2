import type { RuntimeDialect } from './dialect.js';

/** A rule: what is wrong, what to do, and which runtimes refuse to create a container that breaks it. */
export interface LintRow {
  readonly summary: string;
  readonly hint: string;
  readonly rejectedBy: readonly RuntimeDialect[];
}
