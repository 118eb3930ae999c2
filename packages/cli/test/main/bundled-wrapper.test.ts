import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, test } from '@jest/globals';

import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');

beforeAll(() => {
  const bundler = fileURLToPath(new URL('../../tools/bundle.mjs', import.meta.url));
  execFileSync(process.execPath, [bundler, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}, 60_000);

test.each([
  ['winston', /winston/i, false],
  ['anything of Node.js', /node:(?:fs|path|util|os|url)\b.*\bfrom\b|\brequire\(["']node:/, false],
  ['yargs', /yargs/i, true],
  ['a parser of YAML', /BLOCK_FOLDED/, true],
  ['the rules of CDI', /unresolvable CDI devices/, true],
])('whether the bundle for the engine carries %s', (_, mark, expected) => {
  expect(mark.test(textOf('engine.js'))).toBe(expected);
});

test('the scripts for Node.js are known for our own by their first bytes', () => {
  for (const file of ['node/wrapper.cjs', 'node/ociwrap.cjs']) {
    expect(textOf(file).slice(0, 4096)).toContain('ociwrap:self:oci-runtime-wrapper');
  }
});

test('the licences are those of what is in the program, the engine among them', () => {
  const licences = textOf('THIRD-PARTY-LICENSES.txt');
  for (const name of ['quickjs-wasi', 'yargs', 'smol-toml', 'yaml']) {
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
  }
  expect(licences).not.toMatch(/^winston/m);
});
