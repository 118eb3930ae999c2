// Leaves dist/ociwrap: a folder that can be copied to a node as it is. The program in it needs nothing of the node.
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { build, installWorkspace, root, step } from './workspace.mjs';

/** Builds everything and assembles the folder; it is replaced whole, so that a failed build leaves the last one. */
export function buildPackage() {
  installWorkspace();
  build('build:launcher', 'build:program');

  const out = join(root, 'dist/ociwrap');
  const next = `${out}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(join(next, 'bin'), { recursive: true });
  const program = join(next, 'bin/oci-runtime-wrapper');
  copyFileSync(join(root, 'packages/launcher/dist/programs/ociwrap'), program);
  chmodSync(program, 0o755);
  symlinkSync('oci-runtime-wrapper', join(next, 'bin/ociwrap'));
  copyFileSync(
    join(root, 'packages/cli/dist/bundle/THIRD-PARTY-LICENSES.txt'),
    join(next, 'THIRD-PARTY-LICENSES.txt'),
  );
  copyFileSync(join(root, 'LICENSE'), join(next, 'LICENSE'));
  rmSync(out, { recursive: true, force: true });
  renameSync(next, out);
  return out;
}

if (process.argv[1] === import.meta.filename) {
  const out = buildPackage();
  step(`packaged: ${out}`);
}
