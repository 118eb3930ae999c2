// The program as a package for Debian and Ubuntu. It needs nothing of a machine, so it depends on nothing.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { layOutTree, REFUSE_IF_USED } from './installed-tree.mjs';
import { must, releaseTime, version } from './release-folder.mjs';

/** @returns the name of the file that is made in the folder */
export function makeDebianPackage(architecture, folder, native) {
  const name = `ociwrap_${version}_${architecture.debian}.deb`;
  const tree = join(folder, `${name}.tree`);
  layOutTree(architecture, tree, native);
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  writeFileSync(join(control, 'control'), controlText(architecture, installedKibibytes(tree)));
  writeFileSync(join(control, 'prerm'), BEFORE_REMOVAL);
  chmodSync(join(control, 'prerm'), 0o755);
  // dpkg-deb takes times later than SOURCE_DATE_EPOCH back to it, and no others.
  must('find', [tree, '-exec', 'touch', '--no-dereference', `--date=@${releaseTime}`, '{}', '+']);
  must('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, join(folder, name)]);
  rmSync(tree, { recursive: true });
  return name;
}

const BEFORE_REMOVAL = `#!/bin/sh
set -e
if [ "$1" = remove ]; then
  ${REFUSE_IF_USED}
fi
`;

function controlText({ debian }, kibibytes) {
  return `Package: ociwrap
Version: ${version}
Architecture: ${debian}
Maintainer: ociwrap maintainers <maintainers@opencontainers-ts.invalid>
Installed-Size: ${kibibytes}
Recommends: runc | crun
Section: admin
Priority: optional
Homepage: https://github.com/opencontainers-ts/ociwrap
Description: OCI runtime wrapper that rewrites config.json by rules
 A container engine calls it in place of runc. It makes a volume the root file
 system of a container, injects devices by CDI, or does what a rule says, and
 then becomes the real runtime. One static program, which needs nothing else.
`;
}

function installedKibibytes(tree) {
  return must('du', ['-sk', '--apparent-size', tree]).split('\t')[0];
}
