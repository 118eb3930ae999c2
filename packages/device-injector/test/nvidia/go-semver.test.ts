import { expect, test } from '@jest/globals';

import { compareVersions } from '../../src/nvidia/go-semver.js';

/** In ascending order; those of one line are equal. */
const ORDER = [
  ['', 'bogus', '01.0.0', '1.0.0-', '1.0.0-a..b', '1.0.0-01', '1.0-rc1', 'v1.0.0'],
  ['0.9.0', '0.9'],
  ['1.0.0-1'],
  ['1.0.0-2'],
  ['1.0.0-10'],
  ['1.0.0-rc'],
  ['1.0.0-rc.1'],
  ['1.0.0-rc.1.0'],
  ['1.0.0-rc.2'],
  ['1.0.0-rc.x'],
  ['1.0.0-rc1', '1.0.0-rc1+build.1'],
  ['1.0.0-rc10'],
  ['1.0.0-rc2'],
  ['1', '1.0', '1.0.0', '1.0.0+x'],
  ['1.0.2'],
  ['1.2.0'],
  ['1.10.0'],
  ['10.0.0'],
];

test('versions are in the order that golang.org/x/mod/semver has them in', () => {
  const placed = ORDER.flatMap((versions, place) => versions.map((version) => ({ version, place })));
  for (const left of placed) {
    for (const right of placed) {
      const order = Math.sign(compareVersions(left.version, right.version));
      expect([left.version, right.version, order]).toEqual([
        left.version,
        right.version,
        Math.sign(left.place - right.place),
      ]);
    }
  }
});
