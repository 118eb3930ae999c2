/** The runtimes whose command line is known, and `unknown` for any other. */
export const DIALECT_NAMES = ['runc', 'crun', 'runsc', 'youki', 'unknown'] as const;

/**
 * Which runtime's command line a runtime has. Of `unknown` only what the specification asks for is used: create, start, state,
 * kill and delete.
 */
export type DialectName = (typeof DIALECT_NAMES)[number];
