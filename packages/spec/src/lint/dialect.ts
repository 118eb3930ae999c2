/** The runtimes whose own rules the lint knows. */
export const RUNTIME_DIALECTS = ['runc', 'crun', 'runsc'] as const;

/** A runtime whose own rules the lint knows. */
export type RuntimeDialect = (typeof RUNTIME_DIALECTS)[number];
