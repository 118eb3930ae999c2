/** The columns of a help text: those of the narrowest terminal that people have. */
export const HELP_WIDTH = 80;

/**
 * The head of a help text: what the command is for, and how it is called, as examples to copy. What each does stands beside it,
 * or, where there is no room for that, above it, as a shell has comments.
 */
export function usageText(
  purpose: string,
  examples: readonly (readonly [call: string, what: string])[],
): string {
  const width = Math.max(...examples.map(([call]) => call.length));
  const besides = examples.map(([call, what]) => `ociwrap ${call.padEnd(width)}  ${what}`);
  const lines = besides.every(({ length }) => length <= HELP_WIDTH)
    ? besides
    : examples.flatMap(([call, what]) => [`# ${what}`, `ociwrap ${call}`]);
  return [purpose, '', 'Examples:', ...lines].join('\n');
}
