import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { printable, printableJson, quoted } from '../src/index.js';

/** All code points, in texts that are quick to compare; lone surrogates stand apart from each other. */
const EVERY_CHARACTER: readonly string[] = Array.from({ length: 0x1100 }, (_, block) =>
  Array.from({ length: 0x100 }, (_none, at) => `${String.fromCodePoint(block * 0x100 + at)} `).join(''),
);

test.each([
  ['a line feed', 'a\nb', 'a\\u000ab'],
  ['an escape sequence', '\u001b[31m', '\\u001b[31m'],
  ['delete', 'a\u007fb', 'a\\u007fb'],
  ['the C1 control that begins a sequence by itself', '\u009b2J', '\\u009b2J'],
  ['a right-to-left override', 'a\u202eb', 'a\\u202eb'],
  ['the isolates of text direction', '\u2066\u2067\u2068\u2069', '\\u2066\\u2067\\u2068\\u2069'],
  ['the marks of text direction', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
  ['a line separator', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['a byte order mark', '\ufeffa', '\\ufeffa'],
  ['blanks of no width', 'a\u200bb\u200d\u2060', 'a\\u200bb\\u200d\\u2060'],
  ['blanks that pass for the usual one', 'a\u00a0b\u3000', 'a\\u00a0b\\u3000'],
  ['what is shown as nothing', '\u034f\u115f\u3164\ufe0f', '\\u034f\\u115f\\u3164\\ufe0f'],
  ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ['a tag character', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['letters of any script', 'ä漢😀 é', 'ä漢😀 é'],
])('%s', (_name, text, expected) => {
  expect(printable(text)).toBe(expected);
});

describe('holds nothing that acts on a terminal or a log reader, or that is not seen', () => {
  test('of any code point', () => {
    for (const text of EVERY_CHARACTER) {
      const shown = printable(text);
      expect(shown).not.toMatch(/(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
      expect(printable(shown)).toBe(shown);
    }
  });

  test('and all else is left as it is', () => {
    for (const text of EVERY_CHARACTER) {
      const plain = text.replace(/(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/gu, '');
      expect(printable(plain)).toBe(plain);
    }
  });

  test('whatever stands side by side', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(/(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });
});

describe('printableJson', () => {
  test.each([
    ['a C1 control', '"\u009b2J"', '"\\u009b2J"'],
    ['what JSON writes as two escapes', '"\u{e0041}"', '"\\udb40\\udc41"'],
    ['the line ends and tabs between values', '{\n\t"a": 1\r\n}\n', '{\n\t"a": 1\r\n}\n'],
  ])('%s', (_name, json, expected) => {
    expect(printableJson(json)).toBe(expected);
  });

  test('a reader gets the same values', () => {
    for (const text of EVERY_CHARACTER) {
      const shown = printableJson(JSON.stringify([text]));
      expect(JSON.parse(shown)).toEqual([text]);
      expect(printable(shown)).toBe(shown);
    }
  });
});

test('a text that is shortened in the middle of a character is still printable', () => {
  expect(quoted('😀'.repeat(200).slice(1))).not.toMatch(/\p{Cs}/u);
});
