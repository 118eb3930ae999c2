const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/**
 * JSON that comes in pieces. Each byte is looked at once as it comes, to tell when it is worth the while to read the whole:
 * a pipe may hand over a state of 256 KiB byte by byte.
 */
export class ReceivedJson {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  #depth = 0;
  #isOpened = false;
  #isInText = false;
  #isEscaped = false;
  #triedAt = 0;

  add(piece: Uint8Array): void {
    // A copy: whoever reads may use the same buffer again.
    this.#pieces.push(piece.slice());
    this.#length += piece.length;
    for (const byte of piece) this.#look(byte);
  }

  /**
   * Whether all that was opened is closed, or there is twice as much as when this was last true: a fault is told before the
   * end, and what is at fault may never be closed.
   */
  mayBeWhole(): boolean {
    const isClosed = this.#isOpened && this.#depth === 0;
    if (!isClosed && this.#length < 2 * this.#triedAt) return false;
    this.#triedAt = this.#length;
    return true;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #open(): void {
    this.#isOpened = true;
    this.#depth += 1;
  }

  #look(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInText && byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInText = !this.#isInText;
    else if (this.#isInText) return;
    else if (OPENING.has(byte)) this.#open();
    else if (CLOSING.has(byte)) this.#depth -= 1;
  }
}
