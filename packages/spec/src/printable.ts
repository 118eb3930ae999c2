/** Longest text that goes into a message unshortened; a path or an annotation key of any use is shorter. */
const LONGEST = 300;

// Tried first: nearly every text is plain.
const PLAIN = /^[ -~]*$/;

/**
 * What does not show as it is: general categories Cc, Cf, Cs, Zl and Zp of Unicode (controls and C1 controls, overrides
 * of the direction, line separators, lone surrogates), Zs but for the blank (other blanks pass for it), and
 * Default_Ignorable_Code_Point (what is shown as nothing: joiners, fillers, variation selectors, tags). Written out, so
 * that it is the same whatever Unicode the engine knows, and for the launcher, whose table `tools/generate-grammar.mjs` of
 * packages/cli makes of it. Packages that do not depend on this one hold a copy: packages/cli/test/printable.test.ts.
 */
export const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Makes text from outside (a path, an annotation, an argument) safe to print on one line. Control characters (terminal
 * escapes), direction overrides, line separators, blanks other than the ordinary one, invisible characters and lone
 * surrogates become escapes. Text that is already printable is returned unchanged.
 *
 * @example
 * ```ts
 * import { printable } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(printable('os\nvolume')); // os\u000avolume
 * ```
 */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNPRINTABLE, escapeCharacter);
}

/**
 * {@link printable} in double quotes: quotes and backslashes are escaped, and the text is cut off after 300 characters.
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

/**
 * Makes JSON safe to print: in its strings, the characters that {@link printable} escapes become JSON escapes, so that the
 * values stay the same. Tabs and line ends between the values stay.
 *
 * @param json - JSON text, indented or not
 * @example
 * ```ts
 * import { printableJson } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(printableJson(JSON.stringify({ path: '/a\u202eb' }))); // {"path":"/a\u202eb"}
 * ```
 */
export function printableJson(json: string): string {
  return PLAIN.test(json) ? json : json.replace(UNPRINTABLE, escapeInJson);
}

function escapeInJson(character: string): string {
  if (/[\t\n\r]/.test(character)) return character;
  // By code units: JSON writes what is above U+FFFF as two escapes (RFC 8259, section 7).
  return Array.from({ length: character.length }, (_, at) => escapeCharacter(character.charAt(at))).join('');
}
