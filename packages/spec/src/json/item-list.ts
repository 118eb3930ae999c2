/** Where a list is cut into pieces: so many entries are moved at once in no time. */
const LONGEST_PIECE = 512;

/** One place of a list, for as long as it is in it. */
export interface Entry<T> {
  item: T;
  /** The part of the list that it is in. */
  piece: Entry<T>[];
}

/**
 * A list that a patch changes in many places. To put something in, or take it out, moves what is beside it and not all that
 * stands behind: with one array each of 50,000 mounts that go would move the 50,000 others.
 */
export class ItemList<T> {
  readonly #pieces: Entry<T>[][] = [];
  #length: number;

  constructor(items: readonly T[]) {
    this.#length = items.length;
    for (let start = 0; start < items.length; start += LONGEST_PIECE) {
      const piece: Entry<T>[] = [];
      for (const item of items.slice(start, start + LONGEST_PIECE)) piece.push({ item, piece });
      this.#pieces.push(piece);
    }
  }

  get length(): number {
    return this.#length;
  }

  first(): Entry<T> | undefined {
    return this.#pieces[0]?.[0];
  }

  last(): Entry<T> | undefined {
    return this.#pieces.at(-1)?.at(-1);
  }

  at(index: number): Entry<T> | undefined {
    const [piece, place] = this.#find(index);
    return piece?.[place];
  }

  /** Puts an item before the one at `index`, or at the end. */
  insert(index: number, item: T): Entry<T> {
    const [found, place] = this.#find(index);
    const piece = found ?? this.#lastPiece();
    const entry = { item, piece };
    piece.splice(found === undefined ? piece.length : place, 0, entry);
    this.#length += 1;
    if (piece.length > 2 * LONGEST_PIECE) this.#split(piece);
    return entry;
  }

  remove(entry: Entry<T>): void {
    const { piece } = entry;
    piece.splice(piece.indexOf(entry), 1);
    this.#length -= 1;
    if (piece.length === 0) this.#pieces.splice(this.#pieces.indexOf(piece), 1);
  }

  *entries(): Generator<Entry<T>> {
    for (const piece of this.#pieces) yield* piece;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.entries()) yield item;
  }

  /** The piece that holds the index, and the place in it. */
  #find(index: number): [piece: Entry<T>[] | undefined, place: number] {
    let place = index;
    for (const piece of this.#pieces) {
      if (place < piece.length) return [piece, place];
      place -= piece.length;
    }
    return [undefined, place];
  }

  #lastPiece(): Entry<T>[] {
    const last = this.#pieces.at(-1);
    if (last !== undefined) return last;
    const piece: Entry<T>[] = [];
    this.#pieces.push(piece);
    return piece;
  }

  #split(piece: Entry<T>[]): void {
    const second = piece.splice(LONGEST_PIECE);
    for (const entry of second) entry.piece = second;
    this.#pieces.splice(this.#pieces.indexOf(piece) + 1, 0, second);
  }
}
