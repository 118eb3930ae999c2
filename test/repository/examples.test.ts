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

/** What the comments after `console.log` say that it prints; three dots stand for anything. */
function promisedBy(code: string): readonly string[] {
  const promises = code.matchAll(/\bconsole\.log\(.*\);(?: \})?\s*?\n?[ \t]*\/\/ (.*)/g);
  return [...promises].flatMap((match) => String(match[1]).split('...'));
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
const groups = [
  { of: 'README', examples: readmes.flatMap(examplesIn) },
  { of: 'doc comment', examples: sources.flatMap(examplesIn) },
];
const stemOf = ({ from }: Example) => join(place, from.replace(/\W+/g, '-'));

beforeAll(async () => {
  mkdirSync(place, { recursive: true });
  // A bundle looks for the addon beside itself.
  copyFileSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(place, 'exec_native.node'));
  for (const example of groups.flatMap(({ examples }) => examples)) {
    writeFileSync(`${stemOf(example)}.ts`, example.code);
  }
  // What many of them import is built once, into files that they share.
  await build({
    entryPoints: groups.flatMap(({ examples }) => examples.map((example) => `${stemOf(example)}.ts`)),
    outdir: place,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'silent',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
}, 60_000);
afterAll(() => rmSync(place, { recursive: true }));

describe.each(groups)('every ts block of a $of', ({ examples }) => {
  test('is found', () => expect(examples.length).toBeGreaterThan(4));

  test.each(examples)('$from runs and prints what its comments say', (example) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`${stemOf(example)}.mjs`], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
    for (const text of promisedBy(example.code)) expect(stdout).toContain(text);
  });
});

test('every ts block is what the compiler takes, as strict as here', () => {
  const compilerOptions = {
    noEmit: true,
    composite: false,
    incremental: false,
    rootDir: root,
    types: ['node'],
  };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config));
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', place], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}, 60_000);

/** A doc comment and the exported declaration below it; lines between them are for the linter. */
const DECLARATION =
  /^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n(?:\/\/.*\n)*export (?:abstract |async )?(function|class|interface|type) (\w+)/gm;

function declarationsIn(text: string) {
  return [...text.matchAll(DECLARATION)].map(([, comment = '', kind = '', name = '']) => ({
    hasExample: comment.includes('@example'),
    isType: kind === 'interface' || kind === 'type',
    name,
  }));
}

/** The functions and classes that a package exports: what its API reports say. */
function publicNames(name: (typeof packages)[number]): ReadonlySet<string> {
  const reports = filesBelow(join(root, 'packages', name, 'api'), '.api.md').map((file) =>
    readFileSync(file, 'utf8'),
  );
  const lines = reports.flatMap((text) => [
    ...text.matchAll(/^export (?:abstract )?(?:function|class) (\w+)/gm),
  ]);
  return new Set(lines.map(([, exported = '']) => exported));
}

test.each(packages)('every public function and class of %s has an example, and no type has one', (name) => {
  const declarations = filesBelow(join(root, 'packages', name, 'src'), '.ts').flatMap((file) =>
    declarationsIn(readFileSync(file, 'utf8')),
  );
  const types = declarations.filter(({ isType, hasExample }) => isType && hasExample);
  expect(types.map((type) => type.name)).toEqual([]);
  // By name: a function of a package and the one that it calls may have the same one.
  const shown = new Set(declarations.filter(({ hasExample }) => hasExample).map((shows) => shows.name));
  expect([...publicNames(name)].filter((exported) => !shown.has(exported))).toEqual([]);
});

test('a type with an example and a function without one are seen', () => {
  const seen = declarationsIn(
    '/** A.\n * @example\n * x\n */\nexport interface A {}\n\n/** B. */\n// biome-ignore: c\nexport function b() {}\n',
  );
  expect(seen).toEqual([
    { name: 'A', isType: true, hasExample: true },
    { name: 'b', isType: false, hasExample: false },
  ]);
});
