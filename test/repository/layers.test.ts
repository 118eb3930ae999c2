import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { root } from './root.js';

const spec = '@opencontainers-ts/runtime-spec';

/** Imports that would turn the direction of the dependencies round, or bring effects into a pure package. */
const imports: readonly { from: string; of: string; allowed: boolean }[] = [
  { from: 'spec', of: 'node:fs', allowed: false },
  { from: 'spec', of: '@opencontainers-ts/rootfs-rewriter', allowed: false },
  { from: 'rootfs-rewriter', of: spec, allowed: true },
  { from: 'rootfs-rewriter', of: `${spec}/bundle`, allowed: false },
  { from: 'rootfs-rewriter', of: '@opencontainers-ts/cli', allowed: false },
  { from: 'rootfs-rewriter', of: 'node:path', allowed: false },
  { from: 'rootfs-rewriter', of: '@opencontainers-ts/device-injector', allowed: false },
  { from: 'device-injector', of: spec, allowed: true },
  { from: 'device-injector', of: '@opencontainers-ts/rootfs-rewriter', allowed: true },
  { from: 'device-injector', of: `${spec}/bundle`, allowed: false },
  { from: 'device-injector', of: '@opencontainers-ts/cli', allowed: false },
  { from: 'device-injector', of: 'node:fs', allowed: false },
  { from: 'runtime-resolver', of: spec, allowed: false },
  { from: 'runtime-resolver', of: 'node:fs', allowed: false },
  { from: 'engine-config', of: spec, allowed: true },
  { from: 'engine-config', of: `${spec}/bundle`, allowed: false },
  { from: 'engine-config', of: '@opencontainers-ts/runtime-resolver', allowed: false },
  { from: 'engine-config', of: 'node:fs', allowed: false },
  { from: 'runtime-client', of: spec, allowed: true },
  { from: 'runtime-client', of: `${spec}/bundle`, allowed: true },
  { from: 'runtime-client', of: '@opencontainers-ts/exec-native', allowed: true },
  { from: 'runtime-client', of: '@opencontainers-ts/cli', allowed: false },
  { from: 'runtime-client', of: '@opencontainers-ts/device-injector', allowed: false },
  { from: 'exec-native', of: spec, allowed: false },
  { from: 'exec-native', of: 'node:util', allowed: true },
  { from: 'cli', of: `${spec}/bundle`, allowed: true },
  { from: 'cli', of: 'node:path', allowed: false },
  { from: 'cli', of: 'winston', allowed: false },
];

/** A tree with the linter's settings and nothing else, so that no probe ever lies among the sources. */
let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'ociwrap-layers-'));
  for (const file of ['biome.json', '.gitignore']) {
    copyFileSync(join(root, file), join(tree, file));
  }
});
afterAll(() => rmSync(tree, { recursive: true }));

test.each(imports)('$from importing $of: allowed is $allowed', ({ from, of, allowed }) => {
  const probe = join(tree, `packages/${from}/src/probe.ts`);
  mkdirSync(dirname(probe), { recursive: true });
  writeFileSync(probe, `import '${of}';\n`);
  const { stdout, stderr, status } = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', probe], {
    cwd: tree,
    encoding: 'utf8',
  });
  expect({ status, said: (stdout + stderr).includes('lint/style/noRestrictedImports') }).toEqual({
    status: allowed ? 0 : 1,
    said: !allowed,
  });
});
