/** The position of a byte as an editor shows it: line and column from 1, the column in characters. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The positions of byte offsets, which must be in ascending order, so that the bytes are read once. */
export function textPositions(bytes: Uint8Array, offsets: readonly number[]): TextPosition[] {
  let line = 1;
  let column = 1;
  let at = 0;
  return offsets.map((offset) => {
    for (; at < offset; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x0a) {
        line += 1;
        column = 1;
      } else if ((byte & 0xc0) !== 0x80) {
        // Bytes 10xxxxxx continue a character and count for none.
        column += 1;
      }
    }
    return { line, column };
  });
}

/** The position of one byte offset. */
export function textPosition(bytes: Uint8Array, offset: number): TextPosition {
  const [position] = textPositions(bytes, [offset]);
  return position ?? { line: 1, column: 1 };
}
