import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { temporaryFolder } from '../../../cli/test/temporary-folder.js';
import { buildComparison, type ComparedPrograms, compareEngines } from '../../tools/compare-engines.mjs';

const folder = temporaryFolder();
let programs: ComparedPrograms;

beforeAll(async () => {
  programs = await buildComparison(folder);
}, 300_000);

// More of them, and other ones: `npm run compare -- --runs N --seed S`.
test('V8 and the engine say the same, to the byte, of 3,000 generated configurations and calls', async () => {
  const { cases, differences, killed } = await compareEngines(programs, { seed: 1, runs: 3_000 });
  expect(differences.join('\n\n')).toBe('');
  const kinds = ['call', 'cdi', 'document', 'rewrite', 'settings'];
  expect(Object.keys(cases).sort()).toEqual(kinds);
  expect(Math.min(...Object.values(cases))).toBeGreaterThan(100);
  expect(killed).toBeLessThan(5);
}, 1_200_000);

describe('a process that ends before it has answered', () => {
  const ANSWER = 'echo "0 call 0123456789abcdef"';
  const once = join(folder, 'was-killed');
  const programOf = (script: string) => ['sh', '-c', script];
  const compared = (script: string) =>
    compareEngines({ v8: programOf(ANSWER), engine: programOf(script) }, { seed: 1, runs: 1 });

  test('is asked again where it was killed', async () => {
    expect(await compared(`mkdir '${once}' 2>/dev/null && kill -9 $$; ${ANSWER}`)).toEqual({
      cases: { call: 1 },
      differences: [],
      killed: 1,
    });
  });

  test('says nothing where it is killed each time', async () => {
    await expect(compared('kill -9 $$')).rejects.toThrow('engine was ended from outside by SIGKILL, 3 times');
  });

  test.each([
    ['exit 3', 'ended by 3'],
    ['kill -SEGV $$', 'ended by SIGSEGV'],
  ])('is a difference where it ended itself: %s', async (script, said) => {
    const { differences, killed } = await compared(script);
    expect({ count: differences.length, killed }).toEqual({ count: 1, killed: 0 });
    expect(differences[0]).toContain(said);
  });
});
