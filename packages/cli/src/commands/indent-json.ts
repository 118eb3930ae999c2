/** Brackets inside more others are not moved further to the right: 100,000 of them would take gigabytes of white space. */
const WIDEST = 100;
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+/gs;

/**
 * JSON text on many lines, so that a diff of it can be read: engines write config.json as one line.
 *
 * Works on the text: every token (long integers, odd escapes, duplicate keys) stays as it stands, only the white
 * space between tokens changes. The text must be valid JSON.
 */
export function indentJson(text: string): string {
  let out = '';
  let depth = 0;
  let before = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const opened = before === '{' || before === '[';
    const closes = token === '}' || token === ']';
    if (closes) {
      depth--;
    }
    if (closes ? !opened : opened || before === ',') {
      out += `\n${'  '.repeat(Math.min(depth, WIDEST))}`;
    }
    out += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') {
      depth++;
    }
    before = token;
  }
  return `${out}\n`;
}
