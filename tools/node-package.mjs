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
import { dirname, join } from 'node:path';

import { build, root } from './workspace.mjs';

/** Where test/blackbox/programs.ts looks for it. */
const out = join(root, 'dist/ociwrap-on-node');

/** In the root directory of the tests. The kernel ends the path in a script's first line at a space, and a clone may lie anywhere. */
const INTERPRETER = '/opt/node';

/**
 * @param {string} node - the Node.js that the scripts run on
 * @param {string} debianRoot - the folder that is the root directory of the tests
 */
export function buildNodePackage(node, debianRoot) {
  const interpreter = join(debianRoot, INTERPRETER);
  mkdirSync(dirname(interpreter), { recursive: true });
  rmSync(interpreter, { force: true });
  symlinkSync(node, interpreter);
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
    writeFileSync(join(bin, name), `#!${INTERPRETER}\n${source}`);
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
