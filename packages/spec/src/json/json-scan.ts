const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

// The functions below are given documents that JSON.parse accepted, so they only look for where things end. None of
// them recurses: a document may nest 100,000 brackets.

function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Offset of the first byte at or after `from` that is not white space. */
export function skipWhitespace(bytes: Uint8Array, from: number): number {
  let i = from;
  while (isWhitespace(bytes[i])) {
    i += 1;
  }
  return i;
}

/** Offset after the last byte that is not white space. */
export function trimWhitespaceEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (isWhitespace(bytes[end - 1])) {
    end -= 1;
  }
  return end;
}

/** Whether an odd number of backslashes stands before `at`; none of them lies before `from`. */
function isEscaped(bytes: Uint8Array, from: number, at: number): boolean {
  let first = at;
  while (first > from && bytes[first - 1] === BACKSLASH) {
    first -= 1;
  }
  return (at - first) % 2 === 1;
}

/** Offset after the string whose opening quote is at `from`. */
export function skipString(bytes: Uint8Array, from: number): number {
  // indexOf and not a loop over the bytes: the wrapper runs this once, in a process too young for compiled loops.
  let quote = bytes.indexOf(QUOTE, from + 1);
  for (let after = from + 1; quote !== -1; quote = bytes.indexOf(QUOTE, after)) {
    if (!isEscaped(bytes, after, quote)) {
      return quote + 1;
    }
    after = quote + 1;
  }
  return bytes.length;
}

function skipContainer(bytes: Uint8Array, from: number): number {
  let depth = 0;
  let i = from;
  while (i < bytes.length) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = skipString(bytes, i);
      continue;
    }
    i += 1;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) {
        return i;
      }
    }
  }
  return i;
}

function endsScalar(byte: number | undefined): boolean {
  return (
    byte === undefined || byte <= 0x20 || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET
  );
}

/** Offset after the value that starts at `from`. */
export function skipJsonValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) {
    return skipString(bytes, from);
  }
  if (first === OPEN_BRACE || first === OPEN_BRACKET) {
    return skipContainer(bytes, from);
  }
  let i = from;
  while (!endsScalar(bytes[i])) {
    i += 1;
  }
  return i;
}

/** Whether an object or an array starts at `from`, or neither. */
export function bracketKind(bytes: Uint8Array, from: number): 'object' | 'array' | undefined {
  const first = bytes[from];
  return first === OPEN_BRACE ? 'object' : first === OPEN_BRACKET ? 'array' : undefined;
}

/** How many offsets an item has in {@link itemOffsets}. */
export const OFFSETS_PER_ITEM = 5;

/**
 * Where the items of the object or array at `start` are: `items` of `scans.ts` in plain JavaScript. First comes its closing
 * bracket, then of each item where it starts, the end of its name (of an element: its start), its value, the end of that,
 * and the comma or closing bracket behind it.
 */
export function itemOffsets(bytes: Uint8Array, start: number): number[] {
  const isObject = bytes[start] === OPEN_BRACE;
  const offsets = [0];
  let at = skipWhitespace(bytes, start + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_BRACE && bytes[at] !== CLOSE_BRACKET) {
    const nameEnd = isObject ? skipString(bytes, at) : at;
    // Behind the colon.
    const value = isObject ? skipWhitespace(bytes, skipWhitespace(bytes, nameEnd) + 1) : at;
    const end = skipJsonValue(bytes, value);
    const to = skipWhitespace(bytes, end);
    offsets.push(at, nameEnd, value, end, to);
    at = to;
    if (bytes[to] !== COMMA) break;
    at = skipWhitespace(bytes, to + 1);
  }
  offsets[0] = at;
  return offsets;
}
