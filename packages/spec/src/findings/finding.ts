/**
 * One thing that is wrong with a document, and where.
 *
 * `error`: every runtime rejects it, or runtimes read it in different ways, which is unsafe. `warn`: the specification
 * says no and runtimes say yes. A container's start is never stopped by a `warn`.
 */
export interface SchemaFinding {
  readonly level: 'error' | 'warn';
  /** Stable identifier of the kind of finding; tests and tools match on this, not on the message. */
  readonly code: string;
  /** JSON Pointer (RFC 6901) of the place. It names the missing member when one is missing. */
  readonly pointer: string;
  /** One lower-case sentence that names the field; text from the document is escaped in it. */
  readonly message: string;
}

/** A finding in a document whose text is at hand. */
export interface Finding extends SchemaFinding {
  /** Line of the place, counted from 1; of the nearest enclosing value when the place itself is missing. */
  readonly line: number;
  /** Column of the place, counted from 1. */
  readonly column: number;
}
