import { beforeAll, expect, test } from '@jest/globals';

import { temporaryFolder } from '../../../cli/test/temporary-folder.js';
import { buildComparison, type ComparedPrograms, compareEngines } from '../../tools/compare-engines.mjs';

const folder = temporaryFolder();
let programs: ComparedPrograms;

beforeAll(async () => {
  programs = await buildComparison(folder);
}, 300_000);

// More of them, and other ones: `npm run compare -- --runs N --seed S`.
test('V8 and the engine say the same, to the byte, of 20,000 generated configurations and calls', async () => {
  const { cases, differences } = await compareEngines(programs, { seed: 1, runs: 20_000 });
  expect(differences.join('\n\n')).toBe('');
  const kinds = ['call', 'cdi', 'document', 'rewrite', 'settings'];
  expect(Object.keys(cases).sort()).toEqual(kinds);
  expect(Math.min(...Object.values(cases))).toBeGreaterThan(500);
}, 1_200_000);
