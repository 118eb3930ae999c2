import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { packages, root } from './root.js';

const pnpm = join(root, `.tools/node_modules/@pnpm/exe.linux-${process.arch}/pnpm`);
const tool = (name: string) => join(root, 'node_modules/.bin', name);

/** What npm would receive: the packages as packed, with the exports of publishConfig. */
let folder: string;
const tarballOf = (name: string) => join(folder, `${name}.tgz`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ociwrap-published-'));
  for (const name of packages) {
    const packed = run(pnpm, ['pack', '--out', tarballOf(name)], join(root, 'packages', name));
    expect(packed).toMatchObject({ status: 0 });
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' },
  });
  return { status: error === undefined ? status : String(error), said: `${stdout}${stderr}` };
}

test.each(packages)(
  '%s, as packed, is what publint and attw call right, and holds no sources or tests',
  (name) => {
    const tarball = tarballOf(name);
    const list = run('tar', ['-tzf', tarball], folder).said.trim().split('\n');
    expect(list).toEqual(expect.arrayContaining(['package/README.md', 'package/LICENSE']));
    expect(list).toContain('package/dist/index.js');
    // A binding.gyp would start a build on every install; the programs travel as the packaged folder.
    expect(
      list.filter((path) => /\/(src|test|launcher)\/|\.(tsbuildinfo|cjs)$|binding\.gyp$/.test(path)),
    ).toEqual([]);

    const publint = run(tool('publint'), ['run', tarball, '--strict'], root);
    expect(publint).toMatchObject({ status: 0, said: expect.stringContaining('All good!') });
    const attw = run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji'], root);
    expect(attw).toMatchObject({ status: 0, said: expect.stringContaining('OK (ESM)') });
  },
  120_000,
);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

function manifestIn(place: string): Manifest {
  return JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
}

/** The one of the optional packages that npm would choose, with the addon of this machine; a release builds all of them. */
function installPrebuiltAddon(modules: string): void {
  const name = `linux-${process.arch}-gnu`;
  const source = join(root, 'packages/exec-native/platforms', name);
  const place = join(modules, manifestIn(source).name);
  mkdirSync(place);
  cpSync(join(source, 'package.json'), join(place, 'package.json'));
  cpSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(place, 'exec_native.node'));
}

test('all of them, as packed and put where the workspace is not, can be imported and run', () => {
  const user = join(folder, 'user');
  const modules = join(user, 'node_modules');
  const specifiers: string[] = [];
  for (const name of packages) {
    const place = join(modules, manifestIn(join(root, 'packages', name)).name);
    mkdirSync(place, { recursive: true });
    expect(run('tar', ['-xzf', tarballOf(name), '--strip-components=1'], place)).toMatchObject({ status: 0 });
    const { name: published, exports, dependencies = {} } = manifestIn(place);
    const entries = Object.keys(exports).filter((entry) => !entry.includes('*'));
    specifiers.push(...entries.map((entry) => published + entry.slice(1)));
    // What others publish would come from the registry.
    for (const other of Object.keys(dependencies).filter((each) => !each.startsWith('@'))) {
      const installed = join(modules, other);
      if (!existsSync(installed)) symlinkSync(join(root, 'packages', name, 'node_modules', other), installed);
    }
  }
  installPrebuiltAddon(modules);
  const script = [
    ...specifiers.map((specifier) => `await import('${specifier}');`),
    "const { resolveBeneath } = await import('@opencontainers-ts/exec-native');",
    "console.log(typeof resolveBeneath('/', 'proc').ino);",
  ];
  writeFileSync(join(user, 'user.mjs'), script.join('\n'));
  expect(run(process.execPath, ['user.mjs'], user)).toEqual({ status: 0, said: 'bigint\n' });

  const cli = join(modules, '@opencontainers-ts/cli');
  const program = join(cli, manifestIn(cli).bin?.['ociwrap'] ?? '');
  const version = run(program, ['--version'], user);
  expect(version).toEqual({ status: 0, said: `${manifestIn(cli).version}\n` });

  // A rule module, in the engine that comes from the registry.
  const rules = join(user, 'rules');
  mkdirSync(join(rules, 'test/any'), { recursive: true });
  const config = { ociVersion: '1.2.0', annotations: { 'example.org/mine': 'yes' } };
  const files = {
    'rules.toml': '[[rule]]\nmodule = "mine.mjs"\n',
    'mine.mjs': `export default () => ({ name: 'mine', triggers: ['example.org/mine'], reads: ['/root'], claims: () => true,
      evaluate: () => ({ kind: 'rewrite', note: 'r', patch: [{ op: 'add', path: '/root', value: { path: '/r' } }] }) });`,
    'test/any/config.json': JSON.stringify(config),
    'test/any/expected.json': JSON.stringify({ ...config, root: { path: '/r' } }),
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(rules, path), text);
  const tested = run(program, ['test', 'rules'], user);
  expect(tested).toMatchObject({ status: 0, said: expect.stringContaining('1 passed, 0 failed') });
});

test('a tree that was not built is not packed', () => {
  const tree = join(folder, 'unbuilt');
  const place = join(tree, 'packages/runtime-resolver');
  cpSync(join(root, 'tools/before-packing.mjs'), join(tree, 'tools/before-packing.mjs'));
  for (const name of ['package.json', 'README.md', 'src']) {
    cpSync(join(root, 'packages/runtime-resolver', name), join(place, name), { recursive: true });
  }
  const tarball = join(folder, 'unbuilt.tgz');
  const { status, said } = run(pnpm, ['pack', '--out', tarball], place);
  expect({ status, said }).toMatchObject({ status: 1, said: expect.stringContaining('not built: dist/') });
  expect(existsSync(tarball)).toBe(false);
});

test('no dependency of a published package is there for the wrapper to pay for', () => {
  const dependencies = Object.fromEntries(
    packages.map((name) => [name, Object.keys(manifestIn(join(root, 'packages', name)).dependencies ?? {})]),
  );
  const ours = (name: string) => `@opencontainers-ts/${name}`;
  expect(dependencies).toMatchObject({
    spec: [],
    'runtime-resolver': [],
    'exec-native': [],
    'rootfs-rewriter': [ours('runtime-spec')],
  });
});
