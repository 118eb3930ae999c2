import { goCharacter } from '../go-quote.js';

/** What Go says about bytes that are no JSON, without its prefix. */
export class GoSyntaxError extends Error {
  override readonly name = 'GoSyntaxError';
  /** Whether more bytes could still make it JSON. */
  readonly isIncomplete: boolean;

  constructor(message: string, isIncomplete = false) {
    super(message);
    this.isIncomplete = isIncomplete;
  }
}

const DIGIT = /^[0-9]$/;
const SPACE = /^[ \t\r\n]$/;

/** A position in bytes that should be JSON. It only moves forward. */
export class JsonCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The byte at the position as a character of its own; empty at the end. */
  get character(): string {
    return this.#at < this.#bytes.length ? String.fromCharCode(this.#bytes[this.#at] ?? 0) : '';
  }

  get offset(): number {
    return this.#at;
  }

  advance(): void {
    this.#at += 1;
  }

  /** Steps over one character if it is the one at the position, or one of those of a pattern. */
  accept(wanted: string | RegExp): boolean {
    const { character } = this;
    const isWanted = typeof wanted === 'string' ? character === wanted : wanted.test(character);
    if (isWanted) this.advance();
    return isWanted;
  }

  /**
   * Steps over a character that must be there.
   *
   * @param context - where that is, as Go's message says it: `after object key`
   */
  expect(wanted: string | RegExp, context: string): void {
    if (!this.accept(wanted)) this.fail(context);
  }

  skipSpace(): void {
    while (SPACE.test(this.character)) this.advance();
  }

  /** Steps over one digit or more. */
  expectDigits(context: string): void {
    this.expect(DIGIT, context);
    while (this.accept(DIGIT));
  }

  bytesSince(offset: number): Uint8Array {
    return this.#bytes.subarray(offset, this.#at);
  }

  /** @throws GoSyntaxError about the character at the position */
  fail(context: string): never {
    const { character } = this;
    throw character === ''
      ? new GoSyntaxError('unexpected EOF', true)
      : new GoSyntaxError(`invalid character ${quotedCharacter(character)} ${context}`);
  }
}

/** As strconv.Quote does it, in single quotes. */
function quotedCharacter(character: string): string {
  if (character === "'" || character === '\\') return `'\\${character}'`;
  return `'${goCharacter(character)}'`;
}
