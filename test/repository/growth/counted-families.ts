import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildSync } from 'esbuild';

import { root } from '../root.js';

/** What a family took, at 1, 2 and 4 times its size. */
export interface CountedFamily {
  readonly name: string;
  readonly ends: readonly unknown[];
  /** Steps by the function that took them. */
  readonly counts: readonly Readonly<Record<string, number>>[];
}

/** Counts the steps of families, in a program made of them, our sources and the libraries that these use. */
export function countedFamilies(names: readonly string[]): readonly CountedFamily[] {
  const folder = mkdtempSync(join(tmpdir(), 'growth-'));
  try {
    const program = join(folder, 'count-steps.mjs');
    buildSync({
      entryPoints: [join(root, 'test/repository/growth/count-steps.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // `{ ...object }` becomes a loop that can be counted.
      supported: { 'object-rest-spread': false },
      banner: {
        js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    // Of what is compiled for speed not every run is counted.
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--no-opt', '--no-maglev', program, ...names],
      {
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      },
    );
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function stepsOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** By how much the steps grow where the size doubles, the worse of two times. */
export function growthOf({ counts }: CountedFamily): number {
  const [one = 0, two = 0, four = 0] = counts.map(stepsOf);
  return Math.max(two / one, four / two);
}

/** The functions that took most, for who has to find out why. */
export function mostOf({ counts }: CountedFamily): string {
  const [least = {}, , most = {}] = counts;
  const functions = Object.entries(most).sort(([, one], [, other]) => other - one);
  return functions
    .slice(0, 4)
    .map(([name, count]) => `${name} from ${least[name] ?? 0} to ${count}`)
    .join(', ');
}
