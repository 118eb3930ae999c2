// `ignoreBOM` keeps a byte order mark as a character, so that JSON.parse rejects it as every runtime does.
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

/** What stands in a text where its bytes were not UTF-8; a document may also hold it of its own. */
export const REPLACEMENT = '\ufffd';

/** The text of some bytes; what is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** The bytes of a text; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** `isUtf8` of `scans.ts` in plain JavaScript. */
export function isWellFormedUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Length of the well-formed sequence at `at`, or 0 (Unicode 15, table 3-7: no overlong forms, no surrogates). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i += 1) {
    const byte = bytes[at + i] ?? 0;
    if (byte < (i === 1 ? lowest : 0x80) || byte > (i === 1 ? highest : 0xbf)) {
      return 0;
    }
  }
  return length;
}

/** Offset of the first byte at or after `from` that begins no well-formed sequence. */
export function findInvalidUtf8(bytes: Uint8Array, from = 0): number | undefined {
  let i = from;
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i);
    if (length === 0) {
      return i;
    }
    i += length;
  }
  return undefined;
}
