import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { checkExtent } from '../src/json/document-extent.js';
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

test('isSame is equality', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(plainScans.isSame(bytesOf(one), bytesOf(other))).toBe(one === other);
      expect(plainScans.isSame(bytesOf(one), bytesOf(one))).toBe(true);
    }),
  );
});

test('skipValue ends where the value does', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', ',', '}', ']'), (value, rest) => {
      expect(plainScans.skipValue(bytesOf(`${value}${rest}`), 0)).toBe(bytesOf(value).length);
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
