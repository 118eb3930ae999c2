const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of some bytes; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** A text as UTF-8; bytes stay as they are. */
export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : text;
}

/**
 * One character a byte, so that bytes which are no UTF-8 are compared, cut and given back unharmed. Not the label `latin1` of
 * TextDecoder, which is windows-1252 (Encoding Standard, section 4.2).
 */
export function wordOf(bytes: Uint8Array): string {
  let word = '';
  for (let at = 0; at < bytes.length; at += MOST_ARGUMENTS) {
    word += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + MOST_ARGUMENTS));
  }
  return word;
}

/** Of one call: an engine may have its stack to put them on. */
const MOST_ARGUMENTS = 4096;

/** The bytes that {@link wordOf} read. */
export function bytesOfWord(word: string): Uint8Array {
  const bytes = bytesOf(word);
  // Only ASCII has one byte for each character.
  return bytes.length === word.length ? bytes : Uint8Array.from(word, (character) => character.charCodeAt(0));
}

/** Some bytes after one another. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Whether some bytes begin with others. */
export function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  let at = 0;
  while (at < start.length && bytes[at] === start[at]) at += 1;
  return at === start.length;
}
