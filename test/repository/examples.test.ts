import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';

import { packages, root } from './root.js';

interface Example {
  readonly from: string;
  readonly code: string;
}

const fence = /^([ \t]*(?:\* )?)```ts\n([\s\S]*?)^[ \t]*(?:\* )?```$/gm;

/** The `ts` blocks of a text, with the ` * ` of a doc comment taken off. */
function examplesIn(file: string): readonly Example[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(fence)].map((match) => ({
    from: `${relative(root, file)}:${text.slice(0, match.index).split('\n').length}`,
    code: String(match[2]).replace(/^[ \t]*\* ?/gm, ''),
  }));
}

function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules') && !name.includes('generated'))
    .map((name) => join(folder, name));
}

const readmes = [
  join(root, 'README.md'),
  ...packages.map((name) => join(root, 'packages', name, 'README.md')),
];
const sources = packages.flatMap((name) => filesBelow(join(root, 'packages', name, 'src'), '.ts'));

// Beside node_modules of the package that may import all the others, so that names resolve as they do for a user.
const place = join(root, 'packages/cli/dist/examples');
beforeAll(() => {
  mkdirSync(place, { recursive: true });
  // A bundle looks for the addon beside itself.
  copyFileSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(place, 'exec_native.node'));
});
afterAll(() => rmSync(place, { recursive: true }));

describe.each([
  ['README', readmes],
  ['doc comment', sources],
])('every ts block of a %s', (_, files) => {
  const examples = files.flatMap(examplesIn);

  test('is found', () => expect(examples.length).toBeGreaterThan(4));

  test.each(examples.map((example, index) => [example.from, example.code, index] as const))(
    '%s runs and prints something',
    async (from, code, index) => {
      const stem = join(place, `${from.replace(/\W+/g, '-')}-${index}`);
      writeFileSync(`${stem}.ts`, code);
      await build({
        entryPoints: [`${stem}.ts`],
        outfile: `${stem}.mjs`,
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node20.19',
        logLevel: 'silent',
        banner: {
          js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
        },
      });
      const { status, stdout, stderr } = spawnSync(process.execPath, [`${stem}.mjs`], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).not.toBe('');
    },
  );
});
