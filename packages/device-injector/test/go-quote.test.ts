import { expect, test } from '@jest/globals';

import { goQuote } from '../src/go-quote.js';

// As fmt.Printf("%q") of Go prints them.
test.each([
  ['', '""'],
  ["plain 'text'", `"plain 'text'"`],
  ['"\\', '"\\"\\\\"'],
  ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\u0000\u001b[31m\u007f', '"\\x00\\x1b[31m\\x7f"'],
  ['é 字 😀', '"é 字 😀"'],
  ['\u0085\u00a0\u2028\u202e\ufeff', '"\\u0085\\u00a0\\u2028\\u202e\\ufeff"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j', (text, quotedText) => {
  expect(goQuote(text)).toBe(quotedText);
});
