import { skipJsonValue, skipString } from './json-scan.js';

/** An object or array that is open at some point of a walk. */
export interface OpenContainer {
  readonly kind: 'object' | 'array';
  readonly start: number;
  /** Index of the current element of an array. */
  index: number;
  /** The name token of the current member of an object, from quote to after the quote. */
  nameStart: number;
  nameEnd: number;
}

export interface TokenVisitor {
  /** A container opens; it is the last of `open`. */
  enter?(open: readonly OpenContainer[]): void;
  /** The last of `open` closes. */
  leave?(open: readonly OpenContainer[]): void;
  /** A member's name was read, in the last of `open`. */
  name?(open: readonly OpenContainer[]): void;
  /** A scalar stands from `start` to `end`, in the last of `open`. */
  scalar?(open: readonly OpenContainer[], start: number, end: number): void;
}

/**
 * Goes once over the value at `start` and everything in it, without recursion: the time is linear in its length, the
 * memory in its depth. The value must be valid JSON; in any other text the walk comes to an end, too.
 */
export function walkTokens(bytes: Uint8Array, start: number, visitor: TokenVisitor): void {
  const open: OpenContainer[] = [];
  let nameNext = false;
  let i = start;
  do {
    const byte = bytes[i];
    const innermost = open.at(-1);
    if (byte === 0x7b || byte === 0x5b) {
      const kind = byte === 0x7b ? 'object' : 'array';
      open.push({ kind, start: i, index: 0, nameStart: i, nameEnd: i });
      visitor.enter?.(open);
      nameNext = kind === 'object';
      i += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      visitor.leave?.(open);
      open.pop();
      i += 1;
    } else if (byte === 0x2c && innermost !== undefined) {
      innermost.index += 1;
      nameNext = innermost.kind === 'object';
      i += 1;
    } else if (byte === 0x22 && nameNext && innermost !== undefined) {
      innermost.nameStart = i;
      innermost.nameEnd = skipString(bytes, i);
      visitor.name?.(open);
      nameNext = false;
      i = innermost.nameEnd;
    } else if (byte === 0x3a || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      i += 1;
    } else {
      const end = skipJsonValue(bytes, i);
      visitor.scalar?.(open, i, end);
      // A step is made in any case: a control character begins no value.
      i = Math.max(end, i + 1);
    }
  } while (open.length > 0 && i < bytes.length);
}
