import { expect, test } from '@jest/globals';

import { checkContainerId } from '../../src/index.js';

const taken = ['a', 'web-1', 'A_b+c.d-e', '.a', '..a', '+', '_', '0', 'a'.repeat(255), 'x.lock'];

test.each(taken)('%s is an id', (id) => {
  expect(checkContainerId(id)).toBe(id);
});

const refused: readonly (readonly [id: unknown, told: string])[] = [
  ['', 'is empty'],
  ['.', 'names another folder'],
  ['..', 'names another folder'],
  ['-a', 'begins with "-"'],
  ['a/b', 'has a character'],
  ['a b', 'has a character'],
  ['a@b', 'has a character'],
  ['a:b', 'has a character'],
  ['a\n', 'has a character'],
  ['a\0', 'has a character'],
  ['ä', 'has a character'],
  ['a'.repeat(256), 'has 256 characters'],
  [undefined, 'of type undefined'],
  [null, 'of type null'],
  [7, 'of type number'],
  [['a'], 'of type object'],
];

test.each(refused)('%j is none', (id, told) => {
  expect(() => checkContainerId(id as string)).toThrow(
    expect.objectContaining({ code: 'ERR_CONTAINER_ID', message: expect.stringContaining(told) }),
  );
});
