import { expect, test } from '@jest/globals';

import { jsonOutput, paintFor, shownOutput, wantsColor } from '../../src/commands/output.js';

test.each([
  ['a terminal', true, {}, true],
  ['no terminal', false, {}, false],
  ['a terminal, NO_COLOR set', true, { NO_COLOR: '1' }, false],
  ['a terminal, NO_COLOR empty, which counts as unset', true, { NO_COLOR: '' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
])('colours on %s', (_name, isTerminal, env, expected) => {
  expect(wantsColor(isTerminal, env)).toBe(expected);
});

test('paint is text with an escape sequence, or the text', () => {
  expect(paintFor(true)('red', 'x')).toBe('\u001b[31mx\u001b[0m');
  expect(paintFor(false)('red', 'x')).toBe('x');
});

test('64-bit integers are strings in JSON for machines', () => {
  expect(JSON.parse(jsonOutput({ ino: 18446744073709551615n, list: [1, 2n] }))).toEqual({
    ino: '18446744073709551615',
    list: [1, '2'],
  });
});

test('JSON for machines holds the same values, and nothing that acts on a terminal', () => {
  const value = { path: '/a\u009b\u202e\u{e0041}' };
  expect(JSON.parse(jsonOutput(value))).toEqual(value);
  expect(jsonOutput(value)).toMatch(/^[ -~\n]*$/);
});

test('a document keeps its bytes, unless it is shown on a terminal', () => {
  const document = Buffer.from('{"a":"\u009b"}\n');
  expect(shownOutput(document, false)).toBe(document);
  expect(shownOutput(document, true)).toBe('{"a":"\\u009b"}\n');
  expect(shownOutput('\u001b[31mred\u001b[0m', true)).toBe('\u001b[31mred\u001b[0m');
});
