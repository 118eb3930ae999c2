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
  for (const byte of bytes) word += String.fromCharCode(byte);
  return word;
}

/** The bytes that {@link wordOf} read. */
export function bytesOfWord(word: string): Uint8Array {
  return Uint8Array.from(word, (character) => character.charCodeAt(0));
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

/** Whether some bytes begin with those of a text. */
export function startsWith(bytes: Uint8Array, start: string): boolean {
  const wanted = bytesOf(start);
  return bytes.length >= wanted.length && wanted.every((byte, i) => bytes[i] === byte);
}
