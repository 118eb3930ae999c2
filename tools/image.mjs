// Leaves dist/ociwrap-image.tar: the container image that a DaemonSet installs nodes from, as an archive of an OCI image layout, with a
// manifest for each architecture. Built by the buildah of a Debian root, so that any machine with apt makes the same bytes of it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { crossCompiler, ownArchitecture } from './cross-programs.mjs';
import { canHaveDebianRoot, debianRoot } from './debian-root.mjs';
import { inNamespacesOfItsOwn } from './jest-run.mjs';
import { buildPackage } from './package.mjs';
import { build, root, step, tools } from './workspace.mjs';

/** The release whose buildah it is. */
const RELEASE = 'trixie';

/** The compressed layers of both architectures: a node fetches one of them. */
const LARGEST = 8_000_000;

/** By architecture, which of the launcher's programs it is. */
const PROGRAMS = { amd64: 'ociwrap', arm64: 'ociwrap-arm64' };

/** Where the archive lies, and what it was made of, which is the input of the test that makes it once more. */
export const imageArchive = join(root, 'dist/ociwrap-image.tar');
const content = join(root, 'dist/ociwrap-image');

/** Whether it can be built here: for arm64 the program is compiled on amd64. */
export function canBuildImage() {
  return canHaveDebianRoot() && ownArchitecture === 'amd64' && crossCompiler('arm64', 'g++') !== undefined;
}

/** Builds the package and the image; an image that was made of the same bytes stays as it is. */
export function buildImage() {
  const packaged = buildPackage();
  build('build:program:arm64');
  const recipe = assembleContent(packaged);
  const stamp = join(tools, 'image-recipe');
  if (existsSync(imageArchive) && existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) {
    return imageArchive;
  }
  const release = debianRoot(RELEASE);
  step(`the container image, by buildah of Debian ${RELEASE}`);
  const next = `${imageArchive}.next`;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const script = ['sh', join(root, 'tools/image.sh'), content, version, next];
  const [program, ...args] = inNamespacesOfItsOwn(script, { debianRoot: release });
  const { status, signal } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
  });
  if (status !== 0) throw new Error(`tools/image.sh ended with ${signal ?? `status ${status}`}`);
  const { size } = statSync(next);
  if (size > LARGEST) throw new Error(`the image has ${size} bytes, of at most ${LARGEST}`);
  renameSync(next, imageArchive);
  writeFileSync(stamp, recipe);
  return imageArchive;
}

/** Lays out a folder for each architecture, and tells what is in them as one word. */
function assembleContent(packaged) {
  rmSync(content, { recursive: true, force: true });
  const recipe = createHash('sha256');
  for (const name of ['image.sh', 'image.mjs']) recipe.update(readFileSync(join(root, 'tools', name)));
  for (const [architecture, file] of Object.entries(PROGRAMS)) {
    const folder = join(content, architecture);
    mkdirSync(join(folder, 'licenses'), { recursive: true });
    const files = {
      ociwrap: join(root, 'packages/launcher/dist/programs', file),
      'licenses/LICENSE': join(packaged, 'LICENSE'),
      'licenses/THIRD-PARTY-LICENSES.txt': join(packaged, 'THIRD-PARTY-LICENSES.txt'),
    };
    for (const [name, from] of Object.entries(files)) {
      copyFileSync(from, join(folder, name));
      chmodSync(join(folder, name), name === 'ociwrap' ? 0o755 : 0o644);
      recipe.update(readFileSync(from));
    }
  }
  return recipe.digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  if (!canBuildImage()) {
    console.error('the image needs root, apt-get and dpkg-deb, and amd64 with a compiler for arm64');
    process.exit(1);
  }
  step(`image: ${buildImage()}`);
}
