import { expect, test } from '@jest/globals';

import { errnoName } from '../src/index.js';

// include/uapi/asm-generic/errno.h; neither list of Node's has all of them.
test.each([
  ['ENOENT', 2],
  ['EIO', 5],
  ['EBADMSG', 74],
  ['ENOTCONN', 107],
  ['ESHUTDOWN', 108],
  ['EHOSTDOWN', 112],
  ['ESTALE', 116],
  ['EUCLEAN', 117],
  ['EREMOTEIO', 121],
  ['ENOMEDIUM', 123],
  ['ENOKEY', 126],
  ['ERRNO_4000', 4000],
])('%s is %i', (name, number) => {
  expect(errnoName(number)).toBe(name);
  expect(errnoName(-number)).toBe(name);
});
