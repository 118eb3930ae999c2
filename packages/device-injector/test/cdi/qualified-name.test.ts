import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isQualifiedName, parseQualifiedName } from '../../src/index.js';

test.each([
  ['vendor.com/device=d', 'vendor.com', 'device', 'd'],
  [
    'nvidia.com/gpu=GPU-4cf8db2d-06c0-7d70-1a51-e59b25b2c16c',
    'nvidia.com',
    'gpu',
    'GPU-4cf8db2d-06c0-7d70-1a51-e59b25b2c16c',
  ],
  ['vendor.com/class=0:1', 'vendor.com', 'class', '0:1'],
  ['a/b=c', 'a', 'b', 'c'],
  ['v/class=c', 'v', 'class', 'c'],
  ['V_1-x.y/c_1-x.y=n_1-x.y:z', 'V_1-x.y', 'c_1-x.y', 'n_1-x.y:z'],
])('%s', (text, vendor, name, device) => {
  expect(parseQualifiedName(text)).toEqual({ vendor, class: name, name: device });
  expect(isQualifiedName(text)).toBe(true);
});

test.each([
  ['', 'unqualified device "", missing vendor'],
  ['all', 'unqualified device "all", missing vendor'],
  ['/v/c=d', 'unqualified device "/v/c=d", missing vendor'],
  ['v/c', 'unqualified device "v/c", missing vendor'],
  ['v/c=', 'unqualified device "v/c=", missing vendor'],
  ['=d', 'unqualified device "=d", missing vendor'],
  ['v=d', 'unqualified device "v=d", missing vendor'],
  ['v/=d', 'unqualified device "v/=d", missing vendor'],
  ['v-/c=d', 'invalid device "v-/c=d": invalid vendor. "v-", should end with a letter or digit'],
  ['1v/c=d', 'invalid device "1v/c=d": invalid vendor. "1v", should start with letter'],
  ['v v/c=d', `invalid device "v v/c=d": invalid vendor. invalid character ' ' in name "v v"`],
  ['v/c.=d', 'invalid device "v/c.=d": invalid class. "c.", should end with a letter or digit'],
  ['v/c/x=d', `invalid device "v/c/x=d": invalid class. invalid character '/' in name "c/x"`],
  ['v/é=d', 'invalid device "v/é=d": invalid class. "é", should start with letter'],
  ['v/cé=d', 'invalid device "v/cé=d": invalid class. "cé", should end with a letter or digit'],
  ['v/c=-d', 'invalid device "v/c=-d": invalid class "-d", should start with a letter or digit'],
  ['v/c=a b', `invalid device "v/c=a b": invalid character ' ' in device name "a b"`],
  ['v/c=d:', 'invalid device "v/c=d:": invalid name "d:", should end with a letter or digit'],
  ['v/c=a\u001b[b', `invalid device "v/c=a\\x1b[b": invalid character '\\x1b' in device name "a\\x1b[b"`],
])('%j is none', (text, fault) => {
  expect(parseQualifiedName(text)).toEqual({ fault });
  expect(isQualifiedName(text)).toBe(false);
});

test('whatever the text: a name has the parts that it is made of, and a fault can be printed', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'aZ0./=-_: é') }),
  );
  fc.assert(
    fc.property(text, (given) => {
      const parsed = parseQualifiedName(given);
      if ('fault' in parsed) expect(parsed.fault).not.toMatch(/\p{Cc}/u);
      else expect(`${parsed.vendor}/${parsed.class}=${parsed.name}`).toBe(given);
    }),
  );
});
