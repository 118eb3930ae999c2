/** The value of a variable; of two entries with one name the last one counts, as runsc reads them. */
export function variableOf(env: readonly string[], name: string): string | undefined {
  return env.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
