import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { parseMountInfo } from '../../src/system/mount-info.js';

describe('a line', () => {
  test.each([
    [
      'without optional fields',
      '25 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
      { mountPoint: '/', root: '/', fsType: 'ext4', options: ['rw', 'relatime'] },
    ],
    [
      'with several',
      '26 25 0:5 /sub /mnt ro shared:3 master:1 - nfs4 host:/export rw,vers=4.2',
      { mountPoint: '/mnt', root: '/sub', fsType: 'nfs4', options: ['ro'] },
    ],
    [
      'with octal escapes',
      '27 25 0:5 /a\\134b /with\\040blank\\011tab\\012line rw - tmpfs tmpfs rw',
      { mountPoint: '/with blank\ttab\nline', root: '/a\\b', fsType: 'tmpfs', options: ['rw'] },
    ],
    [
      'with a folder named "-"',
      '28 25 0:5 /- /- rw - tmpfs tmpfs rw',
      { mountPoint: '/-', root: '/-', fsType: 'tmpfs', options: ['rw'] },
    ],
    [
      'with a name outside ASCII',
      '29 25 0:5 / /mnt/ä rw - tmpfs tmpfs rw',
      { mountPoint: '/mnt/ä', root: '/', fsType: 'tmpfs', options: ['rw'] },
    ],
  ])('%s', (_name, line, expected) => {
    expect(parseMountInfo(`${line}\n`)).toEqual([expected]);
  });
});

test('the order of the kernel is kept: a later mount hides an earlier one', () => {
  const text = '1 0 8:1 / /m rw - ext4 a rw\n2 1 8:2 / /m ro - xfs b ro\n';
  expect(parseMountInfo(text).map(({ fsType }) => fsType)).toEqual(['ext4', 'xfs']);
});

test('an empty table is empty', () => {
  expect(parseMountInfo('')).toEqual([]);
});

test("this machine's own table", () => {
  const text = readFileSync('/proc/self/mountinfo', 'utf8');
  const mounts = parseMountInfo(text);
  expect(mounts).toHaveLength(text.trimEnd().split('\n').length);
  expect(mounts.map(({ mountPoint }) => mountPoint)).toContain('/');
  for (const { mountPoint, fsType } of mounts) {
    expect(mountPoint).toMatch(/^\//);
    expect(fsType).not.toBe('');
  }
});
