import { beforeAll, expect, test } from '@jest/globals';

import { buildProgramFuzzer, fuzzProgram, type ProgramFuzzer } from '../../tools/fuzz-program.mjs';

const CASES = 300;

let programs: ProgramFuzzer;
beforeAll(() => {
  programs = buildProgramFuzzer();
}, 300_000);

// More of them, and other ones: `npm run fuzz -- --target program --runs N --seed S`.
test('whatever a machine has and its kernel says, a call ends as the runtime or as a refusal with a code, within our memory', async () => {
  const { counts, faults } = await fuzzProgram(programs, { seed: 1, runs: CASES });
  expect(faults.join('\n\n')).toBe('');
  const { cases, lies, ...ends } = counts;
  expect(cases).toBe(CASES);
  // Each kind of end had its share.
  expect(Object.keys(ends).sort()).toEqual(['commands', 'in the engine', 'passed', 'refused', 'rewritten']);
  for (const count of Object.values(ends)) expect(count).toBeGreaterThan(CASES / 30);
  expect(lies).toBeGreaterThan(CASES);
}, 600_000);
