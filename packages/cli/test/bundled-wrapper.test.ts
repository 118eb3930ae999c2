import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, test } from '@jest/globals';

import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const requiredBy = (file: string) =>
  new Set([...textOf(file).matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(([, name]) => name));

beforeAll(() => {
  const bundler = fileURLToPath(new URL('../tools/bundle.mjs', import.meta.url));
  execFileSync(process.execPath, [bundler, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}, 60_000);

// Every module more is read or compiled by each call that needs Node; node:module, node:os and node:perf_hooks alone
// were a tenth of what such a call costs. Lazily, for an error, they may be had by process.getBuiltinModule.
test('the wrapper requires these modules, and no others', () => {
  expect([...requiredBy('wrapper-code.cjs')].sort()).toEqual([
    // Only where a rule wants something done on the machine.
    './host-actions.cjs',
    // Only where there is a configuration.
    './settings.cjs',
    'node:path',
    'node:util/types',
  ]);
  expect([...requiredBy('wrapper.cjs')]).toEqual([]);
});

test.each([
  ['yargs', /yargs/i],
  ['winston', /winston/i],
  ['compiled validators', /validate\d{2,}|schemaPath|instancePath/],
  ['the commands of ociwrap', /Show the whole way of a call/],
])('the wrapper does not carry %s, which ociwrap does', (_, mark) => {
  expect(['ociwrap.cjs', 'wrapper-code.cjs'].map((file) => mark.test(textOf(file)))).toEqual([true, false]);
});

// A configuration without CDI must not pay for a parser of YAML.
test.each([
  ['CDI', /unresolvable CDI devices/],
  ['a parser of YAML', /BLOCK_FOLDED/],
])('%s is in a file of its own, and in no other that a call loads', (_, mark) => {
  const files = ['cdi-rule.cjs', 'settings.cjs', 'wrapper-code.cjs'];
  expect(files.map((file) => mark.test(textOf(file)))).toEqual([true, false, false]);
  expect(textOf('settings.cjs')).toContain('import("./cdi-rule.cjs")');
});

test('both files of the wrapper are known for our own by their first bytes', () => {
  for (const file of ['wrapper.cjs', 'wrapper-code.cjs']) {
    expect(textOf(file).slice(0, 4096)).toContain('ociwrap:self:oci-runtime-wrapper');
  }
});
