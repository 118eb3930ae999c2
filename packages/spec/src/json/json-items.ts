import { bracketKind, OFFSETS_PER_ITEM } from './json-scan.js';
import { decodeName, type FieldNames } from './member-names.js';
import { areScansQuick, itemsAt, plainNames } from './scans.js';

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

/** One level of an object or array. It holds offsets: of hundreds of mounts nearly all are only passed by. */
export class Container {
  readonly kind: 'object' | 'array';
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #offsets: ArrayLike<number>;
  /** Of an object, if a fast scan gives them all at once: none has an escape, and none occurs twice. */
  readonly #names: readonly string[] | undefined;
  #isPlain: boolean | undefined;
  #items: readonly Item[] | undefined;

  constructor(kind: Container['kind'], bytes: Uint8Array, start: number) {
    this.kind = kind;
    this.#bytes = bytes;
    this.#start = start;
    this.#offsets = itemsAt(bytes, start);
    this.length = (this.#offsets.length - 1) / OFFSETS_PER_ITEM;
    this.#names = kind === 'object' && areScansQuick() ? plainNames(bytes, start, 1) : undefined;
  }

  /** The names of the members, if every runtime takes each of them for just that name, and none occurs twice. */
  plainNames(fields: FieldNames): readonly string[] | undefined {
    this.#isPlain ??= this.#names !== undefined && fields.arePlain(this.#names);
    return this.#isPlain ? this.#names : undefined;
  }

  /** All of them, made once. */
  get items(): readonly Item[] {
    if (this.#items === undefined) {
      const items: Item[] = [];
      for (let index = 0; index < this.length; index += 1) items.push(this.item(index));
      this.#items = items;
    }
    return this.#items;
  }

  /**
   * Where the value of an item is.
   *
   * @param index - of an item that is there
   */
  span(index: number): { readonly start: number; readonly end: number } {
    const at = 1 + index * OFFSETS_PER_ITEM;
    return { start: this.#offsets[at + 2] ?? 0, end: this.#offsets[at + 3] ?? 0 };
  }

  /** @param index - of an item that is there */
  item(index: number): Item {
    const bytes = this.#bytes;
    const offsets = this.#offsets;
    const at = 1 + index * OFFSETS_PER_ITEM;
    const start = offsets[at] ?? 0;
    const nameEnd = offsets[at + 1] ?? 0;
    return {
      bytes,
      from: 1 + (index === 0 ? this.#start : (offsets[at - 1] ?? 0)),
      start,
      nameEnd,
      value: offsets[at + 2] ?? 0,
      end: offsets[at + 3] ?? 0,
      to: offsets[at + 4] ?? 0,
      name: this.kind === 'object' ? (this.#names?.[index] ?? decodeName(bytes, start, nameEnd)) : undefined,
    };
  }
}

/** Reads one level of the object or array at `start`; what its items hold is skipped. */
export function readContainer(bytes: Uint8Array, start: number): Container | undefined {
  const kind = bracketKind(bytes, start);
  return kind && new Container(kind, bytes, start);
}

/** The element that an index token of a JSON Pointer names: no sign, no leading zero (RFC 6901 section 4). */
export function elementIndex(token: string, length: number): number | undefined {
  const index = Number(token);
  // What is written otherwise than an index is, or is none, comes back as another text or is not in the list.
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === token
    ? index
    : undefined;
}
