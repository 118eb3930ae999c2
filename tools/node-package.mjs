// Leaves dist/ociwrap-on-node: the programs of the package as scripts that run on Node.js, for tests that hold the two to each other.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { build, root } from './workspace.mjs';

/** Where test/blackbox/programs.ts looks for it. */
const out = join(root, 'dist/ociwrap-on-node');

/**
 * @param {string} node - the Node.js that the scripts name in their first line
 */
export function buildNodePackage(node) {
  build('@opencontainers-ts/cli#build:bundle', '@opencontainers-ts/exec-native#build:native');
  const next = `${out}.next`;
  const bin = join(next, 'bin');
  rmSync(next, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  const bundles = join(root, 'packages/cli/dist/bundle/node');
  for (const [name, bundle] of [
    ['oci-runtime-wrapper', 'wrapper.cjs'],
    ['ociwrap', 'ociwrap.cjs'],
  ]) {
    const source = readFileSync(join(bundles, bundle), 'utf8').replace(/^#!.*\n/, '');
    writeFileSync(join(bin, name), `#!${node}\n${source}`);
    chmodSync(join(bin, name), 0o755);
  }
  // In the folder of the bundles is where the addon is looked for; without this file their code would be taken for modules.
  copyFileSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(bin, 'exec_native.node'));
  writeFileSync(join(bin, 'package.json'), '{ "type": "commonjs" }\n');
  // The sandbox of rule modules is a file of quickjs-wasi, as it is for npm users.
  symlinkSync(join(root, 'packages/cli/node_modules'), join(next, 'node_modules'));
  rmSync(out, { recursive: true, force: true });
  renameSync(next, out);
}
