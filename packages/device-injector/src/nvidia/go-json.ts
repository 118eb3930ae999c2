import { goCharacter } from '../go-quote.js';

/** A JSON value as Go's encoding/json reads it: members in their order, also those whose name is there twice. */
export type GoJson =
  | { readonly kind: 'object'; readonly members: readonly GoMember[] }
  | { readonly kind: 'array'; readonly items: readonly GoJson[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly literal: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' };

export type GoMember = readonly [name: string, value: GoJson];

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

/** encoding/json gives up beyond 10 000 with the same words; the stack of JavaScript does not hold that much. */
const DEEPEST = 1000;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const LITERALS: Readonly<Record<string, readonly [text: string, value: GoJson]>> = {
  t: ['true', { kind: 'bool', value: true }],
  f: ['false', { kind: 'bool', value: false }],
  n: ['null', { kind: 'null' }],
};

/**
 * The first JSON value of these bytes, as `json.NewDecoder(...).Decode` of Go reads it: what comes after it is not looked
 * at. Errors are worded as Go words them, since the hook prints them.
 *
 * @throws GoSyntaxError
 */
export function firstJsonValue(bytes: Uint8Array): GoJson {
  let at = 0;

  /** One byte as a character of its own; empty at the end. */
  const peek = (): string => (at < bytes.length ? String.fromCharCode(bytes[at] ?? 0) : '');

  function fail(context: string): never {
    const found = peek();
    throw found === ''
      ? new GoSyntaxError('unexpected EOF', true)
      : new GoSyntaxError(`invalid character ${quotedCharacter(found)} ${context}`);
  }

  function skipSpace(): void {
    while (/^[ \t\r\n]$/.test(peek())) at += 1;
  }

  function value(depth: number): GoJson {
    skipSpace();
    const first = peek();
    if (depth > DEEPEST) throw new GoSyntaxError('exceeded max depth');
    if (first === '{') return object(depth);
    if (first === '[') return array(depth);
    if (first === '"') return { kind: 'string', text: string() };
    if (/^[-0-9]$/.test(first)) return number();
    const literal = LITERALS[first];
    return literal === undefined ? fail('looking for beginning of value') : word(...literal);
  }

  function object(depth: number): GoJson {
    const members: GoMember[] = [];
    at += 1;
    skipSpace();
    if (peek() === '}') {
      at += 1;
      return { kind: 'object', members };
    }
    for (;;) {
      skipSpace();
      if (peek() !== '"') fail('looking for beginning of object key string');
      const name = string();
      skipSpace();
      if (peek() !== ':') fail('after object key');
      at += 1;
      members.push([name, value(depth + 1)]);
      if (isLast('}', 'after object key:value pair')) return { kind: 'object', members };
    }
  }

  function array(depth: number): GoJson {
    const items: GoJson[] = [];
    at += 1;
    skipSpace();
    if (peek() === ']') {
      at += 1;
      return { kind: 'array', items };
    }
    for (;;) {
      items.push(value(depth + 1));
      if (isLast(']', 'after array element')) return { kind: 'array', items };
    }
  }

  function isLast(end: string, context: string): boolean {
    skipSpace();
    const found = peek();
    if (found !== ',' && found !== end) fail(context);
    at += 1;
    return found === end;
  }

  function word(text: string, meaning: GoJson): GoJson {
    for (const letter of text) {
      if (peek() !== letter) fail(`in literal ${text} (expecting '${letter}')`);
      at += 1;
    }
    return meaning;
  }

  function digits(context: string): void {
    if (!/^[0-9]$/.test(peek())) fail(context);
    while (/^[0-9]$/.test(peek())) at += 1;
  }

  function number(): GoJson {
    const start = at;
    if (peek() === '-') at += 1;
    if (peek() === '0') at += 1;
    else digits('in numeric literal');
    if (peek() === '.') {
      at += 1;
      digits('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(peek())) {
      at += 1;
      if (/^[-+]$/.test(peek())) at += 1;
      digits('in exponent of numeric literal');
    }
    return { kind: 'number', literal: new TextDecoder('latin1').decode(bytes.subarray(start, at)) };
  }

  function string(): string {
    const pieces: string[] = [];
    at += 1;
    let start = at;
    const flush = () =>
      pieces.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, at)));
    for (;;) {
      const found = peek();
      if (found === '' || found < ' ') fail('in string literal');
      if (found === '"') {
        flush();
        at += 1;
        return pieces.join('').replace(/\p{Cs}/gu, '\ufffd');
      }
      if (found === '\\') {
        flush();
        at += 1;
        pieces.push(escaped());
        start = at;
      } else {
        at += 1;
      }
    }
  }

  function escaped(): string {
    const letter = peek();
    const plain = ESCAPES[letter];
    if (plain === undefined && letter !== 'u') fail('in string escape code');
    at += 1;
    if (plain !== undefined) return plain;
    const start = at;
    while (at < start + 4) {
      if (!/^[0-9a-fA-F]$/.test(peek())) fail('in \\u hexadecimal character escape');
      at += 1;
    }
    return String.fromCharCode(Number.parseInt(String.fromCharCode(...bytes.subarray(start, at)), 16));
  }

  skipSpace();
  if (peek() === '') throw new GoSyntaxError('EOF', true);
  return value(1);
}

/** As strconv.Quote does it, in single quotes. */
function quotedCharacter(character: string): string {
  if (character === "'" || character === '\\') return `'\\${character}'`;
  return `'${goCharacter(character)}'`;
}
