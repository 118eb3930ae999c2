import type { FieldShape, FieldTable } from '../findings/field-table.js';
import { decodeUtf8 } from './utf8.js';

const BACKSLASH = 0x5c;

/** A name token as it was last seen, and the name that it stands for. */
interface DecodedName {
  readonly token: Uint8Array;
  readonly name: string;
}

// A document spells a few names very often, and to decode one costs as much as to compare twenty. One place for each
// sum of a token's ends and length; of two names with one sum, the one seen last is kept.
const LONGEST_KEPT = 40;
const decodedNames: (DecodedName | undefined)[] = Array.from({ length: 256 });

function isToken(token: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  let at = token.length === end - start ? 0 : -1;
  while (at >= 0 && at < token.length && token[at] === bytes[start + at]) {
    at += 1;
  }
  return at === token.length;
}

/** The name that the token between two quotes stands for, escapes decoded as JSON.parse does. */
export function decodeName(bytes: Uint8Array, start: number, end: number): string {
  const sum = ((bytes[start + 1] ?? 0) * 5 + (bytes[end - 2] ?? 0) * 3 + end - start) & 255;
  const known = decodedNames[sum];
  if (known !== undefined && isToken(known.token, bytes, start, end)) {
    return known.name;
  }
  const token = bytes.slice(start, end);
  const text = decodeUtf8(token);
  const name = token.includes(BACKSLASH) ? JSON.parse(text) : text.slice(1, -1);
  if (token.length <= LONGEST_KEPT) {
    decodedNames[sum] = { token, name };
  }
  return name;
}

/**
 * The name as runtimes hold it. Go reads a lone surrogate as U+FFFD. crun keeps names as C strings, so that one
 * which holds a NUL ends there: it takes a member "root\u0000x" for the root (seen with crun 1.8.1).
 */
export function runtimeName(name: string): string {
  if (!/[\0\ud800-\udfff]/.test(name)) {
    return name;
  }
  const wellFormed = name.replace(/\p{Surrogate}/gu, '\ufffd');
  const end = wellFormed.indexOf('\0');
  return end < 0 ? wellFormed : wellFormed.slice(0, end);
}

/**
 * Equal for names that Go's encoding/json takes for the same field of a struct (`bytes.EqualFold`). Field names are
 * ASCII, and two characters outside ASCII fold into it: U+212A KELVIN SIGN, which `toLowerCase` maps to k, and
 * U+017F LATIN SMALL LETTER LONG S, which it leaves.
 */
export function foldName(name: string): string {
  return runtimeName(name).toLowerCase().replaceAll('\u017f', 's');
}

/** The known members of the typed objects, and which of them a spelling stands for. */
export class FieldNames {
  readonly #table: FieldTable;
  readonly #folded = new Map<string, ReadonlyMap<string, string>>();
  /** Of all typed objects together: each field by its folded name; no name, where two are spelled differently. */
  #spellings: ReadonlyMap<string, string> | undefined;
  #spelled: ReadonlySet<string> | undefined;

  constructor(table: FieldTable) {
    this.#table = table;
  }

  /** The field of the typed object that some runtime takes `name` for. */
  fieldFor(shape: FieldShape | undefined, name: string): string | undefined {
    if (shape?.kind !== 'object') {
      return undefined;
    }
    const known = this.#table[shape.name] ?? {};
    if (Object.hasOwn(known, name)) {
      return name;
    }
    let fields = this.#folded.get(shape.name);
    if (fields === undefined) {
      // All of them ASCII, of which foldName makes this.
      fields = new Map(Object.keys(known).map((field) => [field.toLowerCase(), field]));
      this.#folded.set(shape.name, fields);
    }
    return fields.get(foldName(name));
  }

  /**
   * Whether each name, all of them ASCII, is that of a field as it is spelled, or of none, in whatever typed object. Then no
   * runtime takes one of them for another name than it is.
   */
  arePlain(names: readonly string[]): boolean {
    this.#spellings ??= this.#allSpellings();
    this.#spelled ??= new Set(this.#spellings.values());
    for (const name of names) {
      // Tried first: nearly every name is that of a field in lower case, or of one as it is spelled.
      if (this.#spelled.has(name)) continue;
      const spelling = this.#spellings.get(name.toLowerCase());
      if (spelling !== undefined && spelling !== name) return false;
    }
    return true;
  }

  #allSpellings(): ReadonlyMap<string, string> {
    const spellings = new Map<string, string>();
    for (const field of Object.values(this.#table).flatMap(Object.keys)) {
      const folded = foldName(field);
      spellings.set(folded, (spellings.get(folded) ?? field) === field ? field : '');
    }
    return spellings;
  }

  /** One text for all names that some runtime takes for the same member of such an object. */
  keyOf(shape: FieldShape | undefined, name: string): string {
    return this.fieldFor(shape, name) ?? runtimeName(name);
  }

  /** What stands in the member or element `name` of a value of the given shape. */
  shapeOf(shape: FieldShape | undefined, name: string): FieldShape | undefined {
    if (shape?.kind === 'array' || shape?.kind === 'map') {
      return shape.of;
    }
    const field = this.fieldFor(shape, name);
    if (shape?.kind !== 'object' || field === undefined) {
      return undefined;
    }
    return this.#table[shape.name]?.[field];
  }
}
