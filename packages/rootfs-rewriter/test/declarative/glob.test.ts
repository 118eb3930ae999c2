import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { literalOf, matchesGlob } from '../../src/declarative/glob.js';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '😀', '*', '?') });

/** The same question to the regular expressions of the language. */
function byRegExp(pattern: string, given: string): boolean {
  const source = [...pattern].map((each) =>
    each === '*' ? '.*' : each === '?' ? '.' : each.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'),
  );
  return new RegExp(`^(?:${source.join('')})$`, 'su').test(given);
}

describe('globs', () => {
  test.each([
    ['*', ''],
    ['', ''],
    ['a*b*c', 'aXXbYYbc'],
    ['?', '😀'],
    ['[a]', '[a]'],
    ['*/busybox:*', 'docker.io/library/busybox:1'],
  ])('%j matches %j', (pattern, given) => {
    expect(matchesGlob(pattern, given)).toBe(true);
    expect(matchesGlob(`${pattern}x`, given)).toBe(pattern.endsWith('*') && given.endsWith('x'));
  });

  test('they are what regular expressions make of them', () => {
    fc.assert(
      fc.property(text, text, (pattern, given) => matchesGlob(pattern, given) === byRegExp(pattern, given)),
      {
        numRuns: 2000,
      },
    );
  });

  test('a pattern that would keep a backtracking matcher busy for ever', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(2000))).toBe(false);
  });

  test('every match holds the literal', () => {
    fc.assert(
      fc.property(text, fc.array(text), (pattern, runs) => {
        let next = 0;
        const given = [...pattern]
          .map((each) => (each === '*' ? (runs[next++] ?? '') : each === '?' ? 'b' : each))
          .join('');
        expect(matchesGlob(pattern, given)).toBe(true);
        expect(given).toContain(literalOf(pattern));
        expect(given).toContain(literalOf(pattern, '/'));
        expect(literalOf(pattern, '/')).not.toContain('/');
      }),
    );
  });
});
