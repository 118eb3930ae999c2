// Leaves dist/ociwrap: a folder that can be copied to a node as it is, and runs there without Node.js installed.
import { chmodSync, copyFileSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundledNode } from './bundled-node.mjs';
import { build, installWorkspace, root, run, step } from './workspace.mjs';

/** Builds everything and assembles the folder; it is replaced whole, so that a failed build leaves the last one. */
export function buildPackage() {
  installWorkspace();
  build('build:native', 'build:launcher', 'build:bundle');
  const node = bundledNode();

  const out = join(root, 'dist/ociwrap');
  const next = `${out}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(join(next, 'bin'), { recursive: true });
  mkdirSync(join(next, 'lib'));
  const cli = join(root, 'packages/cli/dist');
  const programs = join(root, 'packages/launcher/dist/programs');
  for (const program of ['oci-runtime-wrapper', 'ociwrap']) {
    copyFileSync(join(programs, program), join(next, 'bin', program));
    chmodSync(join(next, 'bin', program), 0o755);
  }
  const bundle = [
    'wrapper.cjs',
    'wrapper-code.cjs',
    'ociwrap.cjs',
    'nvidia-hook.cjs',
    'settings.cjs',
    'cdi-rule.cjs',
    'key-lines.cjs',
    'host-actions.cjs',
    'THIRD-PARTY-LICENSES.txt',
  ];
  for (const file of bundle) {
    copyFileSync(join(cli, 'bundle', file), join(next, 'lib', file));
  }
  // Node looks for this file in each folder up to the root, and loads no addon where the first one it finds is broken.
  writeFileSync(join(next, 'lib/package.json'), '{}\n');
  copyFileSync(join(programs, 'signal-guard.so'), join(next, 'lib/signal-guard.so'));
  copyFileSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(next, 'lib/exec_native.node'));
  cpSync(join(node, 'bin/node'), join(next, 'lib/node'));
  chmodSync(join(next, 'lib/node'), 0o755);
  copyFileSync(join(node, 'LICENSE'), join(next, 'lib/node.LICENSE'));
  // By the Node.js, and under the flag, by which the launcher starts the wrapper.
  const compile = join(root, 'packages/cli/tools/compile-wrapper.mjs');
  run(join(next, 'lib/node'), ['--jitless', compile, join(next, 'lib')]);
  copyFileSync(join(root, 'LICENSE'), join(next, 'LICENSE'));
  rmSync(out, { recursive: true, force: true });
  renameSync(next, out);
  return out;
}

if (process.argv[1] === import.meta.filename) {
  const out = buildPackage();
  step(`packaged: ${out}`);
}
