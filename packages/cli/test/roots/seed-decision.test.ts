import { describe, expect, test } from '@jest/globals';

import { seedDecision } from '../../src/roots/seed-decision.js';
import { NO_BOOT, type SeedRecord, seedRecordOf } from '../../src/roots/seed-record.js';

const IMAGE = { name: 'registry/app:1', fingerprint: 'aa' };
const NOW = { bootId: 'boot-2', image: IMAGE };
const filling = (is: Partial<SeedRecord> = {}): SeedRecord => ({
  version: 1,
  state: 'filling',
  ...NOW,
  ...is,
});

describe('what is done with a volume', () => {
  test.each([
    ['nothing at all', undefined, true, 'fill'],
    ['files of somebody, and no record', undefined, false, 'use'],
    ['what was filled', filling({ state: 'filled' }), false, 'use'],
    ['what was filled on another machine', filling({ state: 'filled', bootId: 'boot-1' }), false, 'use'],
    [
      'what was filled from another image',
      filling({ state: 'filled', image: { ...IMAGE, fingerprint: 'bb' } }),
      false,
      'use',
    ],
    ['what was filled, and emptied by hand', filling({ state: 'filled' }), true, 'fill'],
    ['a filling of this boot', filling(), false, 'go-on'],
    ['a filling of this boot that has nothing yet', filling(), true, 'fill'],
    ['a filling of an earlier boot', filling({ bootId: 'boot-1' }), false, 'begin-anew'],
    ['a filling that the disk has lost', filling({ bootId: NO_BOOT }), false, 'begin-anew'],
    [
      'a filling from an image of another name',
      filling({ image: { ...IMAGE, name: 'registry/app:2' } }),
      false,
      'begin-anew',
    ],
    [
      'a filling from an image of other content',
      filling({ image: { ...IMAGE, fingerprint: 'bb' } }),
      false,
      'begin-anew',
    ],
    [
      'a filling from the same image, whose name is not known',
      filling({ image: { ...IMAGE, name: null } }),
      false,
      'go-on',
    ],
  ] as const)('%s', (_, record, isEmpty, expected) => {
    expect(seedDecision({ record, isEmpty }, NOW)).toBe(expected);
  });
});

describe('a record of a container', () => {
  const good = { version: 1, state: 'filled', bootId: 'b', image: { name: null, fingerprint: 'f' } };

  test('is taken as it is, without what is none of ours', () => {
    expect(seedRecordOf({ ...good, more: 1, image: { ...good.image, more: 2 } })).toEqual(good);
  });

  test.each([
    ['nothing', null],
    ['a list', [good]],
    ['a text', 'filled'],
    ['another version', { ...good, version: 2 }],
    ['another state', { ...good, state: 'full' }],
    ['no state', { ...good, state: undefined }],
    ['a number for the boot', { ...good, bootId: 1 }],
    ['no image', { ...good, image: undefined }],
    ['a list for the image', { ...good, image: [] }],
    ['a number for the name', { ...good, image: { name: 1, fingerprint: 'f' } }],
    ['no fingerprint', { ...good, image: { name: null } }],
  ])('with %s is none', (_, value) => {
    expect(seedRecordOf(value)).toBeUndefined();
  });
});
