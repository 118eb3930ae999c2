import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { nearMiss } from '../../src/index.js';

const KEYS = ['profile', 'config-mode', 'fast-path', 'runtime', 'log', 'volumes', 'rule'];

test.each([
  ['profil', 'profile'],
  ['porfile', 'profile'],
  ['config_mode', 'config-mode'],
  ['configMode', 'config-mode'],
  ['FAST-PATH', 'fast-path'],
  ['rules', 'rule'],
  ['volume', 'volumes'],
  ['colour', undefined],
  ['lg', undefined],
  ['', undefined],
])('%s: %s', (word, meant) => {
  expect(nearMiss(word, KEYS)).toBe(meant);
});

test('is what the whole table of distances says, at any length', () => {
  // Optimal string alignment as it is written down, place by place.
  const distance = (from: string, to: string): number => {
    const table = Array.from({ length: from.length + 1 }, (_, i) =>
      Array.from({ length: to.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
    );
    const at = (i: number, j: number) => table[i]?.[j] ?? 0;
    for (let i = 1; i <= from.length; i++) {
      for (let j = 1; j <= to.length; j++) {
        const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
        const substituted = at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
        const swapped = isSwap ? at(i - 2, j - 2) + 1 : substituted;
        (table[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, substituted, swapped);
      }
    }
    return at(from.length, to.length);
  };
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
  let near = 0;
  fc.assert(
    fc.property(word, word, (one, other) => {
      const slips = distance(one, other);
      const isNear = one === other || (slips <= 2 && slips * 2 < one.length);
      near += isNear ? 1 : 0;
      return (nearMiss(one, [other]) !== undefined) === isNear;
    }),
    { numRuns: 3000 },
  );
  expect(near).toBeGreaterThan(50);
});

test('words of any length are compared in steps that grow with the length alone', () => {
  const long = 'ab'.repeat(200_000);
  expect(nearMiss(`${long}c`, [long])).toBe(long);
  expect(nearMiss(`${long}ccc`, [long])).toBeUndefined();
});
