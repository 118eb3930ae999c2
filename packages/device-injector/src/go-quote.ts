const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

// What Go's strconv.IsPrint refuses: controls, formats, private and lone surrogates, and spaces other than " ".
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\\"]|(?! )\p{Zs}/gu;

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text as Go's `%q` quotes it, which is safe to print; the messages of the CDI library use it. */
export function goQuote(text: string): string {
  return `"${text.replace(UNPRINTABLE, escapeCharacter)}"`;
}

/** A character for a message, escaped if it could control a terminal. */
export function goCharacter(character: string): string {
  return character === '"' || character === '\\'
    ? character
    : character.replace(UNPRINTABLE, escapeCharacter);
}
