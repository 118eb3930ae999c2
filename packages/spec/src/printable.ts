/** Longest text that goes into a message unshortened; a path or an annotation key of any use is shorter. */
const LONGEST = 300;

// Tried first: to build the sets of Unicode that the whole answer needs takes a young process a third of a millisecond.
const PLAIN = /^[ !#-[\]-~]*$/;

function escapeCharacter(character: string): string {
  if (character === '\\' || character === '"') {
    return `\\${character}`;
  }
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Text from outside (a configuration, a command line), in double quotes and safe to print: on one line, without
 * characters that act on a terminal or a log reader, shortened after 300 characters.
 *
 * @example
 * ```ts
 * import { quoted } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(quoted('os\nvolume')); // "os\u000avolume"
 * ```
 */
export function quoted(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  if (PLAIN.test(shown)) {
    return `"${shown}"`;
  }
  // Control and format characters (terminal escapes, right-to-left overrides), lone surrogates, line separators.
  return `"${shown.replace(/[\p{C}\p{Zl}\p{Zp}\\"]/gu, escapeCharacter)}"`;
}
