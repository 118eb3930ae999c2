/** Warnings of one call that are told: each is a record of its own, which is opened, written and closed. */
const MOST_WARNINGS = 20;

/**
 * The warnings that the log is given of one call. Each mount option that a root does not carry is one, and a million of
 * them took 20 seconds to write.
 */
export function listedWarnings(warnings: readonly string[]): readonly string[] {
  const more = warnings.length - MOST_WARNINGS;
  return more > 0
    ? [...warnings.slice(0, MOST_WARNINGS), `and ${more} more warnings, which \`ociwrap explain\` lists`]
    : warnings;
}
