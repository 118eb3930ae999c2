import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { printable } from '../src/index.js';

test.each([
  ['a line feed', 'a\nb', 'a\\u000ab'],
  ['an escape sequence', '\u001b[31m', '\\u001b[31m'],
  ['a right-to-left override', 'a\u202eb', 'a\\u202eb'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ['a tag character', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['letters of any script', 'ä漢😀', 'ä漢😀'],
])('%s', (_name, text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('holds nothing that acts on a terminal or a log reader, and keeps what needs no escape', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});
