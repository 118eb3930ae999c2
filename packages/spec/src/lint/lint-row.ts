import type { RuntimeDialect } from './dialect.js';

/** Some releases of a runtime: from `since` on, where it is given, and up to but without `before`, where that is. */
export interface RuntimeReleases {
  readonly runtime: RuntimeDialect;
  readonly since?: string;
  readonly before?: string;
}

/** A rule: what is wrong, what to do, and which runtimes refuse to create a container that breaks it. */
export interface LintRow {
  readonly summary: string;
  readonly hint: string;
  /** What it is by the specification alone: against a MUST or a SHOULD. Left out where the specification allows it. */
  readonly spec?: 'error' | 'warn';
  /** The runtimes that refuse it: all their releases, or some. */
  readonly rejectedBy: readonly (RuntimeDialect | RuntimeReleases)[];
}
