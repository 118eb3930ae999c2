/** The head of a help text: what the command is for, and how it is called, as examples to copy. */
export function usageText(
  purpose: string,
  examples: readonly (readonly [call: string, what: string])[],
): string {
  const width = Math.max(...examples.map(([call]) => call.length));
  const lines = examples.map(([call, what]) => `  $0 ${call.padEnd(width)}  ${what}`);
  return [purpose, '', 'Examples:', ...lines].join('\n');
}
