// Leaves dist/release: all that a release publishes, with sums, and each file tried as its user would. Nothing is published.
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { emulatorOf, ownArchitecture } from '../cross-programs.mjs';
import { canHaveDebianRoot } from '../debian-root.mjs';
import { buildImage, canBuildImage } from '../image.mjs';
import { buildPackage } from '../package.mjs';
import { build, root, step } from '../workspace.mjs';
import { makeBillOfMaterials } from './bill-of-materials.mjs';
import { makeDebianPackage } from './debian-package.mjs';
import { buildAddons, packPackages } from './npm-packages.mjs';
import { ARCHITECTURES, must, programOf, version } from './release-folder.mjs';
import { makeRpmPackage, rpm } from './rpm-package.mjs';
import { makeTarball } from './tarballs.mjs';
import { tryNpmPackages } from './try-npm-packages.mjs';

if (!canHaveDebianRoot() || !canBuildImage()) {
  console.error('a release is made on amd64 by root, with apt-get and dpkg-deb');
  process.exit(1);
}

const out = join(root, 'dist/release');
const next = `${out}.next`;
rmSync(next, { recursive: true, force: true });
mkdirSync(next, { recursive: true });

buildPackage();
build('//#build:ts', 'build:native', 'build:program:arm64');
const native = programOf(ARCHITECTURES.find(({ debian }) => debian === ownArchitecture));
// The programs are tried under their own names: the launcher's are those of the wrapper.
const namedFolder = mkdtempSync(join(tmpdir(), 'ociwrap-release-'));
const ociwrap = join(namedFolder, 'ociwrap');
must('cp', [native, ociwrap]);

for (const architecture of ARCHITECTURES) {
  step(`tarball, .deb and .rpm for ${architecture.debian}`);
  tryTarball(makeTarball(architecture, next), architecture);
  const deb = makeDebianPackage(architecture, next, ociwrap);
  must('dpkg-deb', ['--info', join(next, deb)]);
  const file = makeRpmPackage(architecture, next, ociwrap);
  rpm(['rpm', '--dbpath', '/tmp/rpm', '--query', '--info', '--package', join(next, file)]);
}
step('container image');
must('cp', [buildImage(), join(next, `ociwrap-${version}-image.tar`)]);
step('bill of materials');
makeBillOfMaterials(next);
step('packages for npm, with the addon for each platform');
buildAddons();
tryNpmPackages(join(next, 'npm'), packPackages(join(next, 'npm')));
rmSync(namedFolder, { recursive: true });

writeFileSync(join(next, 'SHA256SUMS'), sumsOf(next));
rmSync(out, { recursive: true, force: true });
renameSync(next, out);
step(`a release in ${out}`);
for (const name of filesIn(out)) {
  console.log(`${String(statSync(join(out, name)).size).padStart(10)}  ${name}`);
}

/** From an empty folder, on the emulator where it is not for this machine. */
function tryTarball(name, { debian }) {
  const folder = mkdtempSync(join(tmpdir(), 'ociwrap-tarball-'));
  must('tar', ['-xzf', join(next, name), '-C', folder]);
  const program = join(folder, name.replace('.tar.gz', ''), 'bin/ociwrap');
  const command = debian === ownArchitecture ? [program] : [emulatorOf(debian), program];
  const said = must(command[0], [...command.slice(1), '--version'], { env: { PATH: '' } });
  if (said !== `${version}\n`) throw new Error(`${name}: the program says ${said}, not ${version}`);
  rmSync(folder, { recursive: true });
}

/** As `sha256sum --check` reads it. */
function sumsOf(folder) {
  const lines = filesIn(folder).map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    return `${sum}  ${name}\n`;
  });
  return lines.join('');
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}
