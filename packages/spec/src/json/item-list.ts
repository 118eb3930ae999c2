/** Where a list is cut into pieces: so many entries are moved at once in no time. */
const LONGEST_PIECE = 512;

/** A shorter list is cut more finely, into so many pieces at most: little of it has to be looked at. */
const MOST_SHORT_PIECES = 64;
const SHORTEST_PIECE = 4;

/** One place of a list, for as long as it is in it. */
export interface Entry<T> {
  item: T;
  /** The part of the list that it is in. */
  piece: Piece<T>;
}

/** What a list is made of. */
export interface ItemSource<T> {
  readonly length: number;
  item(index: number): T;
}

/** A part of a list. */
interface Piece<T> {
  /** Where it began in the source, and how many items it has of that while nobody has looked at it. */
  readonly first: number;
  readonly untouched: number;
  /** Its items, once somebody has looked at one of them. */
  entries?: Entry<T>[];
}

/** Some neighbours in a list: items of the source that nobody has looked at, by their places in it; or items one by one. */
export type Stretch<T> =
  | { readonly from: number; readonly to: number; readonly entries?: never }
  | { readonly entries: readonly Entry<T>[] };

/**
 * A list that a patch changes in a few places or in many. To put something in, or take it out, moves what is beside it and
 * not all that stands behind: with one array each of 50,000 mounts that go would move the 50,000 others. And what is not
 * near a change stays in the source.
 */
export class ItemList<T> {
  readonly #source: ItemSource<T>;
  readonly #pieces: Piece<T>[] = [];
  #length: number;

  constructor(source: ItemSource<T>) {
    const { length } = source;
    this.#source = source;
    this.#length = length;
    const most = Math.min(LONGEST_PIECE, Math.max(SHORTEST_PIECE, Math.ceil(length / MOST_SHORT_PIECES)));
    for (let first = 0; first < length; first += most) {
      this.#pieces.push({ first, untouched: Math.min(most, length - first) });
    }
  }

  get length(): number {
    return this.#length;
  }

  first(): Entry<T> | undefined {
    return this.at(0);
  }

  last(): Entry<T> | undefined {
    return this.at(this.#length - 1);
  }

  at(index: number): Entry<T> | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    const [piece, place] = this.#find(index);
    return piece && this.#entriesOf(piece)[place];
  }

  /** Puts an item before the one at `index`, or at the end. */
  insert(index: number, item: T): Entry<T> {
    const [found, place] = this.#find(index);
    const piece = found ?? this.#lastPiece();
    const entries = this.#entriesOf(piece);
    const entry = { item, piece };
    entries.splice(found === undefined ? entries.length : place, 0, entry);
    this.#length += 1;
    if (entries.length > 2 * LONGEST_PIECE) this.#split(piece, entries);
    return entry;
  }

  remove(entry: Entry<T>): void {
    const { piece } = entry;
    const entries = this.#entriesOf(piece);
    entries.splice(entries.indexOf(entry), 1);
    this.#length -= 1;
    if (entries.length === 0) this.#pieces.splice(this.#pieces.indexOf(piece), 1);
  }

  entries(): Entry<T>[] {
    return this.#pieces.flatMap((piece) => this.#entriesOf(piece));
  }

  /** The whole list. Pieces side by side that nobody has looked at are one stretch. */
  stretches(): Stretch<T>[] {
    const stretches: Stretch<T>[] = [];
    for (const { first, untouched, entries } of this.#pieces) {
      const last = stretches.at(-1);
      const to = first + untouched;
      if (entries !== undefined) stretches.push({ entries });
      else if (last?.entries === undefined && last?.to === first) {
        stretches[stretches.length - 1] = { from: last.from, to };
      } else stretches.push({ from: first, to });
    }
    return stretches;
  }

  /** The piece that holds the index, and the place in it. */
  #find(index: number): [piece: Piece<T> | undefined, place: number] {
    let place = index;
    for (const piece of this.#pieces) {
      const length = piece.entries?.length ?? piece.untouched;
      if (place < length) return [piece, place];
      place -= length;
    }
    return [undefined, place];
  }

  #entriesOf(piece: Piece<T>): Entry<T>[] {
    if (piece.entries === undefined) {
      const entries: Entry<T>[] = [];
      const end = piece.first + piece.untouched;
      for (let at = piece.first; at < end; at += 1) entries.push({ item: this.#source.item(at), piece });
      piece.entries = entries;
    }
    return piece.entries;
  }

  #lastPiece(): Piece<T> {
    const last = this.#pieces.at(-1);
    if (last !== undefined) return last;
    const piece: Piece<T> = { first: 0, untouched: 0 };
    this.#pieces.push(piece);
    return piece;
  }

  #split(piece: Piece<T>, entries: Entry<T>[]): void {
    const second: Piece<T> = { first: 0, untouched: 0, entries: entries.splice(LONGEST_PIECE) };
    for (const entry of second.entries ?? []) entry.piece = second;
    this.#pieces.splice(this.#pieces.indexOf(piece) + 1, 0, second);
  }
}
