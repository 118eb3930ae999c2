import { expect, test } from '@jest/globals';

import { listedWarnings } from '../../src/call/listed-warnings.js';

const warnings = (count: number) => Array.from({ length: count }, (_, index) => `w${index}`);

test.each([0, 1, 20])('%d warnings are told as they are', (count) => {
  expect(listedWarnings(warnings(count))).toEqual(warnings(count));
});

test('of more the first 20 are told, and how many there are besides', () => {
  const listed = listedWarnings(warnings(1_000_000));
  expect(listed.slice(0, 20)).toEqual(warnings(20));
  expect(listed.slice(20)).toEqual(['and 999980 more warnings, which `ociwrap explain` lists']);
});
