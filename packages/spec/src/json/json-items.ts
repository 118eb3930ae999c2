import { containerKind, skipString, skipWhitespace } from './json-scan.js';
import { decodeName } from './member-names.js';
import { skipValue } from './scans.js';

const COMMA = 0x2c;
const COLON = 0x3a;

/** A member of an object or an element of an array, by byte offsets into the document. */
export interface Item {
  readonly bytes: Uint8Array;
  /** After the "{", "[" or "," before it; what stands from here to `start` is white space. */
  readonly from: number;
  readonly start: number;
  /** After the closing quote of the name; `start` for an element. */
  readonly nameEnd: number;
  readonly value: number;
  readonly end: number;
  /** The "," after it, or the closing bracket. */
  readonly to: number;
  /** The decoded name; `undefined` for an element. */
  readonly name: string | undefined;
}

export interface Container {
  readonly kind: 'object' | 'array';
  /** The opening bracket. */
  readonly start: number;
  /** The closing bracket. */
  readonly close: number;
  readonly items: readonly Item[];
}

/** Reads one level of the object or array at `start`; what its items hold is skipped. */
export function readContainer(bytes: Uint8Array, start: number): Container | undefined {
  const kind = containerKind(bytes, start);
  if (kind === undefined) {
    return undefined;
  }
  const items: Item[] = [];
  let from = start + 1;
  let at = skipWhitespace(bytes, from);
  if (bytes[at] === 0x7d || bytes[at] === 0x5d) {
    return { kind, start, close: at, items };
  }
  for (;;) {
    const item = readItem(bytes, kind, from, at);
    items.push(item);
    if (bytes[item.to] !== COMMA) {
      return { kind, start, close: item.to, items };
    }
    from = item.to + 1;
    at = skipWhitespace(bytes, from);
  }
}

function readItem(bytes: Uint8Array, kind: Container['kind'], from: number, start: number): Item {
  if (kind === 'array') {
    const end = skipValue(bytes, start);
    return {
      bytes,
      from,
      start,
      nameEnd: start,
      value: start,
      end,
      to: skipWhitespace(bytes, end),
      name: undefined,
    };
  }
  const nameEnd = skipString(bytes, start);
  const colon = skipWhitespace(bytes, nameEnd);
  const value = skipWhitespace(bytes, bytes[colon] === COLON ? colon + 1 : colon);
  const end = skipValue(bytes, value);
  const name = decodeName(bytes, start, nameEnd);
  return { bytes, from, start, nameEnd, value, end, to: skipWhitespace(bytes, end), name };
}

/** The element that an index token of a JSON Pointer names: no sign, no leading zero (RFC 6901 section 4). */
export function elementIndex(token: string, length: number): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(token)) {
    return undefined;
  }
  const index = Number(token);
  return index < length ? index : undefined;
}
