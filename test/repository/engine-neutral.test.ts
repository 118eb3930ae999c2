import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { root } from './root.js';

const folder = mkdtempSync(join(tmpdir(), 'ociwrap-engine-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Where the static program begins. */
const PROGRAMS = [
  'packages/cli/src/call/run-wrapper.ts',
  'packages/cli/src/main/ociwrap-program.ts',
  'packages/cli/src/nvidia-hook/hook-process.ts',
];

/** Reached by types, or for the npm package alone. The bundler leaves them out, or what of Node.js is in them. */
const OF_NODE = ['packages/exec-native/', 'packages/spec/src/bundle/node-files.ts'];

/** What the compiler says of these files, without the types of Node.js and with those of the engine. */
function saidOf(files: readonly string[]): readonly string[] {
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = { noEmit: true, types: [], rootDir: '/' };
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, files }),
  );
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', config, '--pretty', 'false'],
    { cwd: root, encoding: 'utf8' },
  );
  return stdout.split('\n').filter((line) => / error TS/.test(line));
}

test('the static program asks for ECMAScript, TextEncoder and TextDecoder, and nothing else', () => {
  const said = saidOf([...PROGRAMS, 'test/repository/engine-globals.d.ts'].map((file) => join(root, file)));
  expect(said.filter((line) => !OF_NODE.some((file) => line.startsWith(file)))).toEqual([]);
  // The compiler has looked: those that may have something of Node.js have it.
  for (const file of OF_NODE) expect(said.filter((line) => line.startsWith(file))).not.toEqual([]);
}, 60_000);

test.each([
  'Buffer.from(text)',
  'process.exit(text)',
  'require(text)',
  'console.log(text)',
  'setTimeout(() => text)',
  'new URL(text)',
  'structuredClone(text)',
])('%s is seen', (code) => {
  const file = join(folder, 'probe.mts');
  writeFileSync(file, `export const use = (text: string) => ${code};\n`);
  expect(saidOf([file, join(root, 'test/repository/engine-globals.d.ts')])).toEqual([
    expect.stringContaining('probe.mts'),
  ]);
});
