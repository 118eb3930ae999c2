import { expect, test } from '@jest/globals';

import { nearMiss } from '../src/index.js';

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
