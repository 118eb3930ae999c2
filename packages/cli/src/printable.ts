// Tried first: to build the sets of Unicode that the whole answer needs takes a young process a third of a millisecond.
const PLAIN = /^[ -~]*$/;

/**
 * Text that somebody else chose (a path, an annotation, an argument), made safe to print on one line: control
 * characters, line separators and the characters that reorder what a terminal shows become `\u....` escapes.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) {
    return text;
  }
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
