import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUtf8 } from '../src/json/scans.js';
import { findInvalidUtf8 } from '../src/json/utf8.js';

test.each([
  ['a stray continuation', [0x61, 0x80], 1],
  ['an overlong form of two bytes', [0xc1, 0xbf], 0],
  ['an overlong form of three bytes', [0xe0, 0x9f, 0xbf], 0],
  ['an overlong form of four bytes', [0xf0, 0x8f, 0xbf, 0xbf], 0],
  ['a surrogate', [0xed, 0xa0, 0x80], 0],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
  ['a byte that never occurs', [0x61, 0xff], 1],
  ['a cut-off sequence', [0x61, 0xf0, 0x9f, 0x98], 1],
  ['the last of each length', [0x7f, 0xdf, 0xbf, 0xef, 0xbf, 0xbf, 0xf4, 0x8f, 0xbf, 0xbf], undefined],
  ['the first of each length', [0x00, 0xc2, 0x80, 0xe0, 0xa0, 0x80, 0xf0, 0x90, 0x80, 0x80], undefined],
])('%s', (_name, bytes, offset) => {
  expect(findInvalidUtf8(Uint8Array.from(bytes))).toBe(offset);
  expect(isUtf8(Uint8Array.from(bytes))).toBe(offset === undefined);
});

test('agrees with the decoder', () => {
  const byte = fc.constantFrom(
    0x41,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc1,
    0xc2,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 8 }), (bytes) => {
      expect(findInvalidUtf8(Uint8Array.from(bytes)) === undefined).toBe(isUtf8(Uint8Array.from(bytes)));
    }),
    { numRuns: 3000 },
  );
});
