import { type Families, times } from './family.js';

/** What grows as it must not: the counter has to see it. */
export const controlFamilies: Families = {
  'a loop in a loop': {
    size: 50,
    work: (size) => () => {
      let same = 0;
      for (let one = 0; one < size; one += 1) {
        for (let other = 0; other < size; other += 1) same += one === other ? 1 : 0;
      }
      return same > 0;
    },
    ends: true,
  },
  'a built-in search in a loop': {
    size: 50,
    work: (size) => {
      const list = times(size, (index) => index);
      return () => list.every((each) => list.includes(each));
    },
    ends: true,
  },
  'a copy for each element': {
    size: 50,
    work: (size) => {
      const list = times(size, (index) => index);
      return () => {
        let copied: readonly number[] = [];
        for (const each of list) copied = [...copied, each];
        return copied.length === size;
      };
    },
    ends: true,
  },
  'an object copied for each member': {
    size: 50,
    work: (size) => {
      const names = times(size, (index) => `m${index}`);
      return () => {
        let copied = {};
        for (const name of names) copied = { ...copied, [name]: '' };
        return Object.keys(copied).length === size;
      };
    },
    ends: true,
  },
  'a search by regular expression from each place': {
    size: 50,
    work: (size) => {
      const text = 'x'.repeat(size);
      return () => times(size, (index) => /y/.test(text.slice(index))).length === size;
    },
    ends: true,
  },
};
