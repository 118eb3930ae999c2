/**
 * A problem in a document, and its place.
 *
 * `error`: every runtime rejects it, or runtimes read it in different ways, which is unsafe. `warn`: runtimes accept what
 * the specification does not allow. A `warn` never keeps a container from starting.
 */
export interface SchemaFinding {
  readonly level: 'error' | 'warn';
  /** A stable identifier of the kind of finding. Match on it, not on the message. */
  readonly code: string;
  /** JSON Pointer (RFC 6901) to the place. If a member is missing, it points to where that member would be. */
  readonly pointer: string;
  /** A lower-case sentence that names the field. Text from the document is escaped. */
  readonly message: string;
}

/** A finding in a document whose text is known. */
export interface Finding extends SchemaFinding {
  /** Line of the place, from 1; if the place is missing, that of the nearest enclosing value. */
  readonly line: number;
  /** Column of the place, from 1. */
  readonly column: number;
}
