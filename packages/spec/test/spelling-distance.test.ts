import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { spellingDistance } from '../src/index.js';

/** Optimal string alignment by its definition. */
function distanceOf(one: string, other: string): number {
  const table = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  const at = (i: number, j: number) => table[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i <= one.length; i += 1) {
    for (let j = 0; j <= other.length; j += 1) {
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const ways = [
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1),
        isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      ];
      (table[i] ?? [])[j] = i === 0 && j === 0 ? 0 : Math.min(...ways);
    }
  }
  return at(one.length, other.length);
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/'), maxLength: 40 });

/** What somebody may do to a letter of a word. */
const slip = fc.tuple(fc.constantFrom('swap', 'drop', 'add', 'change'), fc.nat());

function slipped(text: string, [kind, place]: readonly [string, number]): string {
  const at = place % (text.length + 1);
  const [before, letter, next, behind] = [
    text.slice(0, at),
    text[at] ?? '',
    text[at + 1] ?? '',
    text.slice(at + 2),
  ];
  if (kind === 'swap') return `${before}${next}${letter}${behind}`;
  if (kind === 'drop') return `${before}${next}${behind}`;
  if (kind === 'add') return `${before}x${letter}${next}${behind}`;
  return `${before}x${next}${behind}`;
}

test.each([0, 1, 2, 3])('the distance of words is counted up to %i', (most) => {
  const pairs = fc.oneof(
    fc.tuple(word, word),
    fc
      .tuple(word, fc.array(slip, { maxLength: 4 }))
      .map(([text, slips]) => [text, slips.reduce(slipped, text)]),
  );
  fc.assert(
    fc.property(pairs, ([one = '', other = '']) => {
      const counted = spellingDistance(one, other, most);
      expect(Math.min(counted, most + 1)).toBe(Math.min(distanceOf(one, other), most + 1));
    }),
    { numRuns: 2000 },
  );
});
