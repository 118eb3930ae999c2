import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { packages, root } from './root.js';

const pnpm = join(root, `.tools/node_modules/@pnpm/exe.linux-${process.arch}/pnpm`);
const tool = (name: string) => join(root, 'node_modules/.bin', name);

/** What npm would receive: the packages as packed, with the exports of publishConfig. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ociwrap-published-'));
});
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
    const tarball = join(folder, `${name}.tgz`);
    expect(run(pnpm, ['pack', '--out', tarball], join(root, 'packages', name))).toMatchObject({ status: 0 });
    const list = run('tar', ['-tzf', tarball], folder).said.trim().split('\n');
    expect(list).toContain('package/README.md');
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

test('no dependency of a published package is there for the wrapper to pay for', () => {
  const manifest = (name: string) =>
    JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  const dependencies = Object.fromEntries(
    packages.map((name) => [name, Object.keys(manifest(name).dependencies ?? {})]),
  );
  const ours = (name: string) => `@opencontainers-ts/${name}`;
  expect(dependencies).toMatchObject({
    spec: [],
    'runtime-resolver': [],
    'exec-native': [],
    'rootfs-rewriter': [ours('runtime-spec')],
  });
});
