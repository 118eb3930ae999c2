import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { checkExtent } from '../src/json/document-extent.js';
import { OFFSETS_PER_ITEM, skipJsonValue } from '../src/json/json-scan.js';
import { plainScans } from '../src/json/scans.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const texts = fc
  .array(fc.constantFrom('a', 'b', '{', '}', '[', ']', '"', '\\', ':', ',', ' ', 'é', '\0'))
  .map((parts) => parts.join(''));

test('find is where the text first stands', () => {
  fc.assert(
    fc.property(
      texts,
      fc.array(fc.constantFrom('a', 'b', '"'), { minLength: 1 }),
      fc.nat(9),
      (text, part, from) => {
        const expected = Buffer.from(text).indexOf(part.join(''), from);
        expect(plainScans.find(bytesOf(text), bytesOf(part.join('')), from)).toBe(expected);
      },
    ),
  );
});

test('every scan comes to an end, whatever the bytes are', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc
      .array(fc.constantFrom(...'{}[]":,\\ a1\x01\x1f\x7f\xff'), { maxLength: 40 })
      .map((parts) => Buffer.from(parts.join(''), 'latin1')),
  );
  fc.assert(
    fc.property(bytes, fc.nat(40), (text, at) => {
      const start = text.length === 0 ? 0 : at % text.length;
      expect(typeof plainScans.isJson(text)).toBe('boolean');
      expect(plainScans.items(text, start).length).toBeGreaterThan(0);
      expect(plainScans.plainNames(text, start, 3)?.length ?? 0).toBeGreaterThanOrEqual(0);
      expect(plainScans.extent(text).depth).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 3000, examples: [[Buffer.from('{\x01}', 'latin1'), 0]] },
  );
});

test('isSame is equality', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(plainScans.isSame(bytesOf(one), bytesOf(other))).toBe(one === other);
      expect(plainScans.isSame(bytesOf(one), bytesOf(one))).toBe(true);
    }),
  );
});

test('a value is skipped to its end', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', ',', '}', ']'), (value, rest) => {
      expect(skipJsonValue(bytesOf(`${value}${rest}`), 0)).toBe(bytesOf(value).length);
    }),
  );
});

test.each([
  ['', 0, 0],
  ['1', 0, 0],
  ['{"a":1,"b":{"c":2}}', 2, 2],
  ['[[[]],{"a":[1,2,3]}]', 3, 1],
  ['{"a":"{[:\\":","b":1,"c":2}', 1, 3],
  ['{"a" : 1, "b":[{"c":1},{"d":1,"e":2,"f":3}]}', 3, 3],
  [']]]{"a":1', 1, 1],
  ['"never closed {[', 0, 0],
])('the extent of %j is %d levels and %d members', (text, depth, members) => {
  expect(plainScans.extent(bytesOf(text))).toEqual({ depth, members });
});

const levels = (count: number) => `${'['.repeat(count)}${']'.repeat(count)}`;
const object = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [i, i])));

test.each([
  ['512 levels', levels(512), undefined],
  ['513 levels', levels(513), 'ERR_SPEC_EXTENT'],
  ['2048 members', object(2048), undefined],
  ['2049 members', object(2049), 'ERR_SPEC_EXTENT'],
  ['many objects of few members', `[${Array.from({ length: 5000 }, () => '{"a":1}').join()}]`, undefined],
])('%s', (_title, text, code) => {
  const check = () => checkExtent(bytesOf(text), 'config.json');
  if (code === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['{}', true],
  [' [1, -0.5e+3, "a\\u00e9", null] ', true],
  ['1.', false],
  ['01', false],
  ['"\t"', false],
  ['"\\x"', false],
  ['[1,]', false],
  ['{"a":1,}', false],
  ['{} {}', false],
  ['\ufeff{}', false],
  ['', false],
])('whether %j is JSON', (text, expected) => {
  expect(plainScans.isJson(bytesOf(text))).toBe(expected);
});

/** The texts between the offsets of each item: name with its quotes, value. */
function itemsOf(text: string, start = 0): string[] {
  const bytes = bytesOf(text);
  const [, ...offsets] = Array.from(plainScans.items(bytes, start));
  const cut = (from = 0, to = 0) => new TextDecoder().decode(bytes.subarray(from, to));
  return Array.from({ length: offsets.length / OFFSETS_PER_ITEM }, (_, index) => {
    const [from, nameEnd, value, end, to] = offsets.slice(index * OFFSETS_PER_ITEM);
    return `${cut(from, nameEnd)}|${cut(value, end)}|${cut(to, (to ?? 0) + 1)}`;
  });
}

test.each([
  ['{}', []],
  ['[ ]', []],
  ['{"a":1}', ['"a"|1|}']],
  ['{ "a" : {"b":[1,2]} , "\\"," : "}" }', ['"a"|{"b":[1,2]}|,', '"\\","|"}"|}']],
  ['[1 , [2,3],"]"]', ['|1|,', '|[2,3]|,', '|"]"|]']],
])('the items of %j', (text, expected) => {
  expect(itemsOf(text)).toEqual(expected);
  expect(plainScans.items(bytesOf(text), 0)[0]).toBe(bytesOf(text).length - 1);
});

test('as many items as JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
      expect(itemsOf(JSON.stringify(value))).toHaveLength(Object.keys(value).length);
    }),
  );
});

test.each<[text: string, levels: number, expected: readonly string[] | undefined]>([
  ['7', 9, []],
  ['[]', 9, []],
  ['{"a":{"b":[{"c":1},{"c":2,"a":3}]}}', 9, ['a', 'b', 'c']],
  ['{"a":{"b":[{"c":1}]}}', 1, ['a']],
  ['{"a":{"b":[{"c":1}]}}', 2, ['a', 'b']],
  ['[{"a":1},{"a":2}]', 9, ['a']],
  ['{"a":1,"b":{},"a":2}', 9, undefined],
  ['{"a":{"b":1,"b":2}}', 9, undefined],
  ['{"a":{"b":1,"b":2}}', 1, ['a']],
  ['{"\\u0061":1}', 9, undefined],
  ['{"é":1}', 9, undefined],
  ['{"":1,"b":"\\u0061é"}', 9, ['', 'b']],
  [object(256), 9, Array.from({ length: 256 }, (_, i) => String(i))],
  [object(257), 9, undefined],
])('the names in %.40s, %d levels', (text, levels, expected) => {
  expect(plainScans.plainNames(bytesOf(text), 0, levels)).toEqual(expected);
});
