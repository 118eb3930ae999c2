/** Longest text that goes into a message unshortened; a path or an annotation key of any use is shorter. */
const LONGEST = 300;

// Tried first: to build the sets of Unicode that the whole answer needs takes a young process a third of a millisecond.
const PLAIN = /^[ -~]*$/;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Text that somebody else chose (a path, an annotation, an argument), made safe to print on one line: control and
 * format characters (terminal escapes, right-to-left overrides), line separators and lone surrogates become escapes.
 *
 * @example
 * ```ts
 * import { printable } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(printable('os\nvolume')); // os\u000avolume
 * ```
 */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

/**
 * The same in double quotes, in which quotes and backslashes of the text stand out, and shortened after 300 characters.
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
  return `"${printable(shown.replace(/["\\]/g, '\\$&'))}"`;
}
