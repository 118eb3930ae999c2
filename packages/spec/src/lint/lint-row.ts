import type { RuntimeDialect } from './dialect.js';

/** Releases of a runtime: `since` and later, if it is given, and only those before `before`, if that is given. */
export interface RuntimeReleases {
  readonly runtime: RuntimeDialect;
  readonly since?: string;
  readonly before?: string;
}

/** A rule: what is wrong, what to do, and which runtimes refuse to create a container that breaks it. */
export interface LintRow {
  readonly summary: string;
  readonly hint: string;
  /** The level by the specification alone: it violates a MUST or a SHOULD. Absent if the specification allows it. */
  readonly spec?: 'error' | 'warn';
  /** The runtimes that refuse it, in all releases or in some. */
  readonly rejectedBy: readonly (RuntimeDialect | RuntimeReleases)[];
  /** Releases that do not refuse it ignore it: it is told even where only those of the past refuse it. */
  readonly isIgnored?: true;
}
