import { itemOffsets, skipString } from './json-scan.js';
import { plainNamesOf } from './plain-names.js';
import { decodeUtf8, isWellFormedUtf8 } from './utf8.js';

/** The size of a JSON text, apart from the contents of its strings. */
export interface JsonExtent {
  /** How deeply brackets and braces nest. */
  readonly depth: number;
  /** The number of members of the object that has the most. */
  readonly members: number;
}

/**
 * Functions that go over many bytes, which takes an interpreter a long time. Those of this package are plain JavaScript. A
 * host with faster ones, which must return exactly the same, installs them with {@link useScans}.
 */
export interface Scans {
  /**
   * Whether a scan costs a fraction of what `JSON.parse` costs. Then a document is not read as a whole, but only where
   * something is looked at. With {@link plainScans} that would be the slower way.
   */
  readonly areQuick: boolean;
  /**
   * Whether `JSON.parse` accepts the bytes. A host may answer no for a deeply nested text: after a no the text is read to
   * find out.
   */
  isJson(bytes: Uint8Array): boolean;
  /**
   * The offsets of the items of the object or array at `start`, in a text that `JSON.parse` accepts. First the closing
   * bracket, then five for each item: its start, the end of its name (of an element: its start), its value, the end of the
   * value, and the comma or closing bracket after it.
   */
  items(bytes: Uint8Array, start: number): ArrayLike<number>;
  /**
   * The different names of the members of all objects in the value at `start`, in a text that `JSON.parse` accepts, in the
   * order in which they first occur. Only the first `levels` levels count; the value itself is the first. Undefined if an
   * object has a name twice, if a name has an escape or a character that is not ASCII, or if there are more than 256 names:
   * then a closer look is needed.
   */
  plainNames(bytes: Uint8Array, start: number, levels: number): readonly string[] | undefined;
  /** The offset of the first `wanted`, which is not empty, at or after `from`; -1 if there is none. */
  find(bytes: Uint8Array, wanted: Uint8Array, from: number): number;
  /** Whether both are the same bytes. */
  isSame(one: Uint8Array, other: Uint8Array): boolean;
  /** Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7). */
  isUtf8(bytes: Uint8Array): boolean;
  /** The extent of bytes, which need not be valid JSON: brackets and colons outside of strings are counted. */
  extent(bytes: Uint8Array): JsonExtent;
}

const ALL_LEVELS = 0x7fff_ffff;

/** The scans in plain JavaScript: what others are compared with. */
export const plainScans: Scans = {
  areQuick: false,
  isJson,
  items: itemOffsets,
  plainNames: plainNamesOf,
  find: findByLoop,
  isSame: areSameBytes,
  isUtf8: isWellFormedUtf8,
  extent: jsonExtent,
};

let current = plainScans;

/**
 * Installs the scans of a host instead of those in plain JavaScript, for the whole program. They must return the same.
 *
 * @example
 * ```ts
 * import { checkExtent, plainScans, useScans } from '@opencontainers-ts/runtime-spec';
 *
 * let scanned = 0;
 * const extent = (bytes: Uint8Array) => {
 *   scanned += bytes.length;
 *   return plainScans.extent(bytes);
 * };
 * useScans({ ...plainScans, extent });
 * checkExtent(new TextEncoder().encode('{}'), 'config.json');
 * console.log(scanned); // 2
 * ```
 */
export function useScans(scans: Scans): void {
  current = scans;
}

/** {@link Scans.areQuick} */
export function areScansQuick(): boolean {
  return current.areQuick;
}

/** {@link Scans.isJson} */
export function isKnownJson(bytes: Uint8Array): boolean {
  return current.isJson(bytes);
}

/** {@link Scans.items} */
export function itemsAt(bytes: Uint8Array, start: number): ArrayLike<number> {
  return current.items(bytes, start);
}

/** {@link Scans.plainNames} */
export function plainNames(
  bytes: Uint8Array,
  start: number,
  levels = ALL_LEVELS,
): readonly string[] | undefined {
  return current.plainNames(bytes, start, levels);
}

/**
 * The offset of the first occurrence of bytes in others, at or after an offset; -1 if there is none. {@link Scans.find}
 *
 * @example
 * ```ts
 * import { findBytes } from '@opencontainers-ts/runtime-spec';
 *
 * const bytesOf = (text: string) => new TextEncoder().encode(text);
 * console.log(findBytes(bytesOf('/run/ociwrap'), bytesOf('ociwrap'))); // 5
 * ```
 */
export function findBytes(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  return current.find(bytes, wanted, from);
}

/**
 * Whether two byte arrays are equal. {@link Scans.isSame}
 *
 * @example
 * ```ts
 * import { isSameBytes } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(isSameBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2]))); // true
 * ```
 */
export function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return current.isSame(one, other);
}

/** {@link Scans.isUtf8} */
export function isUtf8(bytes: Uint8Array): boolean {
  return current.isUtf8(bytes);
}

/** {@link Scans.extent} */
export function extentOf(bytes: Uint8Array): JsonExtent {
  return current.extent(bytes);
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(decodeUtf8(bytes));
    return true;
  } catch {
    return false;
  }
}

function findByLoop(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function areSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) {
    if (one[i] !== other[i]) return false;
  }
  return true;
}

function jsonExtent(bytes: Uint8Array): JsonExtent {
  const open: number[] = [];
  let depth = 0;
  let members = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === 0x22) {
      i = skipString(bytes, i) - 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      open.push(0);
      depth = Math.max(depth, open.length);
    } else if (byte === 0x7d || byte === 0x5d) {
      open.pop();
    } else if (byte === 0x3a && open.length > 0) {
      const count = (open.at(-1) ?? 0) + 1;
      open[open.length - 1] = count;
      members = Math.max(members, count);
    }
  }
  return { depth, members };
}
