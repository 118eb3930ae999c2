import { GoSyntaxError, JsonCursor } from './json-cursor.js';

/** A JSON value as Go's encoding/json reads it: members in their order, also those whose name is there twice. */
export type GoJson =
  | { readonly kind: 'object'; readonly members: readonly GoMember[] }
  | { readonly kind: 'array'; readonly items: readonly GoJson[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly literal: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' };

export type GoMember = readonly [name: string, value: GoJson];

/** encoding/json gives up beyond 10 000 with the same words; the stack of JavaScript does not hold that much. */
const DEEPEST = 1000;
const HEX_DIGIT = /^[0-9a-fA-F]$/;
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
  const cursor = new JsonCursor(bytes);
  cursor.skipSpace();
  if (cursor.character === '') throw new GoSyntaxError('EOF', true);
  return readValue(cursor, 1);
}

function readValue(cursor: JsonCursor, depth: number): GoJson {
  cursor.skipSpace();
  if (depth > DEEPEST) throw new GoSyntaxError('exceeded max depth');
  const { character } = cursor;
  if (character === '{') return readObject(cursor, depth);
  if (character === '[') return readArray(cursor, depth);
  if (character === '"') return { kind: 'string', text: readString(cursor) };
  if (/^[-0-9]$/.test(character)) return readNumber(cursor);
  const literal = LITERALS[character];
  return literal === undefined
    ? cursor.fail('looking for beginning of value')
    : readLiteral(cursor, ...literal);
}

function readObject(cursor: JsonCursor, depth: number): GoJson {
  const members: GoMember[] = [];
  cursor.advance();
  cursor.skipSpace();
  if (cursor.accept('}')) return { kind: 'object', members };
  do {
    cursor.skipSpace();
    if (cursor.character !== '"') cursor.fail('looking for beginning of object key string');
    const name = readString(cursor);
    cursor.skipSpace();
    cursor.expect(':', 'after object key');
    members.push([name, readValue(cursor, depth + 1)]);
  } while (hasMore(cursor, '}', 'after object key:value pair'));
  return { kind: 'object', members };
}

function readArray(cursor: JsonCursor, depth: number): GoJson {
  const items: GoJson[] = [];
  cursor.advance();
  cursor.skipSpace();
  if (cursor.accept(']')) return { kind: 'array', items };
  do items.push(readValue(cursor, depth + 1));
  while (hasMore(cursor, ']', 'after array element'));
  return { kind: 'array', items };
}

/** Steps over the comma before another member or item, or over the end of them. */
function hasMore(cursor: JsonCursor, end: string, context: string): boolean {
  cursor.skipSpace();
  if (cursor.accept(',')) return true;
  cursor.expect(end, context);
  return false;
}

function readLiteral(cursor: JsonCursor, text: string, value: GoJson): GoJson {
  for (const letter of text) cursor.expect(letter, `in literal ${text} (expecting '${letter}')`);
  return value;
}

function readNumber(cursor: JsonCursor): GoJson {
  const start = cursor.offset;
  cursor.accept('-');
  if (!cursor.accept('0')) cursor.expectDigits('in numeric literal');
  if (cursor.accept('.')) cursor.expectDigits('after decimal point in numeric literal');
  if (cursor.accept(/^[eE]$/)) {
    cursor.accept(/^[-+]$/);
    cursor.expectDigits('in exponent of numeric literal');
  }
  return { kind: 'number', literal: new TextDecoder().decode(cursor.bytesSince(start)) };
}

/** The text of a string; bytes that are no UTF-8, and halves of surrogate pairs, are U+FFFD, as in Go. */
function readString(cursor: JsonCursor): string {
  const pieces: string[] = [];
  cursor.advance();
  while (cursor.character !== '"') {
    pieces.push(cursor.accept('\\') ? readEscape(cursor) : readPlainText(cursor));
  }
  cursor.advance();
  return pieces.join('').replace(/\p{Cs}/gu, '\ufffd');
}

/** What stands before the next quote or escape. */
function readPlainText(cursor: JsonCursor): string {
  const start = cursor.offset;
  for (let next = cursor.character; next !== '"' && next !== '\\'; next = cursor.character) {
    if (next < ' ') cursor.fail('in string literal');
    cursor.advance();
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(cursor.bytesSince(start));
}

/** What a backslash and the characters after it stand for; half a surrogate pair for one of two `\u`. */
function readEscape(cursor: JsonCursor): string {
  const plain = ESCAPES[cursor.character];
  if (plain !== undefined) {
    cursor.advance();
    return plain;
  }
  cursor.expect('u', 'in string escape code');
  const start = cursor.offset;
  for (let digit = 0; digit < 4; digit += 1) {
    cursor.expect(HEX_DIGIT, 'in \\u hexadecimal character escape');
  }
  const digits = String.fromCharCode(...cursor.bytesSince(start));
  return String.fromCharCode(Number.parseInt(digits, 16));
}
