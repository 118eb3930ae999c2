import { describe, expect, test } from '@jest/globals';

import { controlFamilies } from './growth/control-families.js';
import { countedFamilies, growthOf, mostOf } from './growth/counted-families.js';
import { families } from './growth/families.js';

/** Twice as much takes twice as many steps, and a little more where something is sorted. */
const MOST_GROWTH = 2.3;

const [rows, controls] = [families, controlFamilies].map((each) => countedFamilies(Object.keys(each)));

describe('work that grows with what the owner of a pod or of a CDI spec writes', () => {
  test('every family is counted', () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(families));
  });

  test.each(rows)('$name', (row) => {
    const growth = growthOf(row);
    expect(growth < MOST_GROWTH ? 'as its size' : `${growth} for each doubling: ${mostOf(row)}`).toBe(
      'as its size',
    );
    const ends = families[row.name].ends;
    expect(row.ends).toEqual([ends, ends, ends]);
  });
});

describe('the count of steps', () => {
  test.each(controls)('sees the square of $name', (row) => {
    expect(growthOf(row)).toBeGreaterThan(2.6);
    expect(row.ends).toEqual([true, true, true]);
  });

  test('is the same every time', () => {
    const names = ['mounts reversed', 'YAML with tags', 'devices with everything'];
    const first = countedFamilies(names);
    expect(first).toHaveLength(names.length);
    expect(countedFamilies(names)).toEqual(first);
  });
});
