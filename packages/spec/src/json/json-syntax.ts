import { skipWhitespace } from './json-scan.js';
import { decodeUtf8 } from './utf8.js';

/** Where a document stops being JSON, and why. */
export interface SyntaxFault {
  readonly offset: number;
  readonly reason: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const UNICODE_ESCAPE = /^u[0-9a-fA-F]{4}$/;

type Expectation =
  | 'a value'
  | 'a value or "]"'
  | 'a member name or "}"'
  | 'a member name'
  | '":"'
  | '"," or "}"'
  | '"," or "]"'
  | 'the end of the document';

function text(bytes: Uint8Array, from: number, to: number): string {
  return decodeUtf8(bytes.subarray(from, to));
}

function isWordByte(byte: number | undefined): boolean {
  return (
    byte !== undefined &&
    (byte === 0x2b || byte === 0x2d || byte === 0x2e || /\w/.test(String.fromCharCode(byte)))
  );
}

/** End of the string that opens at `from`, or the fault in it. */
function checkString(bytes: Uint8Array, from: number): number | SyntaxFault {
  let i = from + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) {
    if ((bytes[i] ?? 0) < 0x20) {
      return { offset: i, reason: 'a control character in a string is not escaped' };
    }
    if (bytes[i] !== BACKSLASH) {
      i += 1;
    } else if (UNICODE_ESCAPE.test(text(bytes, i + 1, i + 6))) {
      i += 6;
    } else if (/^["\\/bfnrt]$/.test(text(bytes, i + 1, i + 2))) {
      i += 2;
    } else {
      return { offset: i, reason: 'the escape in the string is not one of JSON' };
    }
  }
  return i < bytes.length ? i + 1 : { offset: bytes.length, reason: 'the document ends inside a string' };
}

/** End of the number or literal at `from`, or the fault in it. */
function checkWord(bytes: Uint8Array, from: number): number | SyntaxFault {
  let end = from;
  while (isWordByte(bytes[end])) {
    end += 1;
  }
  const word = text(bytes, from, end);
  return word === 'true' || word === 'false' || word === 'null' || NUMBER.test(word)
    ? end
    : { offset: from, reason: 'a value was expected' };
}

function afterValue(open: readonly number[]): Expectation {
  const innermost = open.at(-1);
  return innermost === undefined
    ? 'the end of the document'
    : innermost === 0x7b
      ? '"," or "}"'
      : '"," or "]"';
}

/**
 * The first place at which a document breaks RFC 8259, or `undefined` when it is valid. `JSON.parse` decides whether
 * a document is valid (it is faster); this finds the place, which its messages do not always tell.
 */
export function findSyntaxFault(bytes: Uint8Array): SyntaxFault | undefined {
  const open: number[] = [];
  let expected: Expectation = 'a value';
  let i = skipWhitespace(bytes, 0);
  while (i < bytes.length) {
    const byte = bytes[i] ?? 0;
    const fault: SyntaxFault = { offset: i, reason: `${expected} was expected` };
    const takesValue: boolean = expected === 'a value' || expected === 'a value or "]"';
    const takesName: boolean = expected === 'a member name' || expected === 'a member name or "}"';
    if ((byte === 0x7b || byte === 0x5b) && takesValue) {
      open.push(byte);
      expected = byte === 0x7b ? 'a member name or "}"' : 'a value or "]"';
      i += 1;
    } else if (byte === 0x7d && (expected === 'a member name or "}"' || expected === '"," or "}"')) {
      open.pop();
      expected = afterValue(open);
      i += 1;
    } else if (byte === 0x5d && (expected === 'a value or "]"' || expected === '"," or "]"')) {
      open.pop();
      expected = afterValue(open);
      i += 1;
    } else if (byte === 0x2c && (expected === '"," or "}"' || expected === '"," or "]"')) {
      expected = expected === '"," or "}"' ? 'a member name' : 'a value';
      i += 1;
    } else if (byte === 0x3a && expected === '":"') {
      expected = 'a value';
      i += 1;
    } else if (takesName || takesValue) {
      if (takesName && byte !== QUOTE) {
        return fault;
      }
      const end: number | SyntaxFault = byte === QUOTE ? checkString(bytes, i) : checkWord(bytes, i);
      if (typeof end !== 'number') {
        return end.offset === i ? fault : end;
      }
      expected = takesName ? '":"' : afterValue(open);
      i = end;
    } else {
      return fault;
    }
    i = skipWhitespace(bytes, i);
  }
  return expected === 'the end of the document'
    ? undefined
    : { offset: bytes.length, reason: `the document ends where ${expected} was expected` };
}
