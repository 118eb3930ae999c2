import { describe, expect, test } from '@jest/globals';

import { freeOf, spaceFault } from '../../src/roots/seed-space.js';
import { amount, size } from '../../src/roots/seed-text.js';

const EXT4 = 0xef53n;
const XFS = 0x5846_5342n;
const volume = {
  type: EXT4,
  blockSize: 4096n,
  blocks: 2000n,
  freeBlocks: 1000n,
  inodes: 500n,
  freeInodes: 130n,
  flags: 0,
};

describe('whether an image fits', () => {
  test.each([
    ['with room', { bytes: 3_000_000n, inodes: 100n }, volume, EXT4, undefined],
    ['to the last block that may be used', { bytes: 4_032_985n, inodes: 100n }, volume, EXT4, undefined],
    [
      'one byte more',
      { bytes: 4_032_986n, inodes: 100n },
      volume,
      EXT4,
      'the image has 3.8 MiB, and 3.9 MiB are free',
    ],
    ['to the last inode that may be used', { bytes: 0n, inodes: 128n }, volume, EXT4, undefined],
    [
      'one inode more',
      { bytes: 0n, inodes: 129n },
      volume,
      EXT4,
      'the image has 129 files, and 130 inodes are free',
    ],
    [
      'without inodes to be counted',
      { bytes: 0n, inodes: 10n ** 9n },
      { ...volume, inodes: 0n },
      EXT4,
      undefined,
    ],
    [
      'without blocks to be counted',
      { bytes: 10n ** 12n, inodes: 1n },
      { ...volume, blocks: 0n },
      EXT4,
      undefined,
    ],
    [
      'on XFS, from XFS: its blocks may be shared',
      { bytes: 10n ** 12n, inodes: 1n },
      { ...volume, type: XFS },
      XFS,
      undefined,
    ],
    [
      'on XFS, from elsewhere',
      { bytes: 10n ** 12n, inodes: 1n },
      { ...volume, type: XFS },
      EXT4,
      'the image has 931 GiB, and 3.9 MiB are free',
    ],
    [
      'on ext4, from ext4',
      { bytes: 10n ** 12n, inodes: 1n },
      volume,
      EXT4,
      'the image has 931 GiB, and 3.9 MiB are free',
    ],
  ] as const)('%s', (_, needed, there, image, expected) => {
    expect(spaceFault(needed, there, image)).toBe(expected);
  });

  test('what is free is told with inodes where there are any', () => {
    expect(freeOf(volume)).toBe('3.9 MiB and 130 inodes');
    expect(freeOf({ ...volume, inodes: 0n })).toBe('3.9 MiB');
  });
});

test.each([
  [0n, '0 bytes'],
  [999n, '999 bytes'],
  [1000n, '1.0 KiB'],
  [1024n ** 2n * 99n, '99.0 MiB'],
  [1024n ** 2n * 100n, '100 MiB'],
  [2n ** 63n, '8192 PiB'],
])('%s bytes are %s', (bytes, expected) => expect(size(bytes)).toBe(expected));

test.each([
  [0n, '0'],
  [999n, '999'],
  [1000n, '1,000'],
  [1_234_567n, '1,234,567'],
])('%s is %s', (number, expected) => expect(amount(number)).toBe(expected));
