import { posix } from 'node:path';

import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, property } from 'fast-check';

import { basename, dirname, join, normalize, resolve } from '../../src/system/paths.js';

const paths = array(constantFrom('/', 'a', '.', '..', '//', 'b', './', '../', ' ')).map((parts) =>
  parts.join(''),
);

test('paths are what node:path makes of them on Linux', () => {
  assert(
    property(paths, paths, (one, other) => {
      expect([normalize(one), join(one, other), basename(one), resolve('/w/x', one)]).toEqual([
        posix.normalize(one),
        posix.join(one, other),
        posix.basename(one),
        posix.resolve('/w/x', one),
      ]);
      // It leaves double slashes before the last name; dirname(3) does not.
      expect(resolve('/w/x', dirname(one))).toBe(resolve('/w/x', posix.dirname(one)));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ['/a/b', '/a'],
  ['/a', '/'],
  ['a', '.'],
  ['', '.'],
  ['//a//b//', '//a'],
])('the folder of %j is %j', (path, folder) => {
  expect(dirname(path)).toBe(folder);
});
