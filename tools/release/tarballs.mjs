// One folder for each architecture: the program under its two names, and the licences.
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../workspace.mjs';
import { must, programOf, releaseTime, version } from './release-folder.mjs';

/** @returns the name of the file that is made in the folder */
export function makeTarball(architecture, folder) {
  const name = `ociwrap-${version}-linux-${architecture.debian}`;
  const content = join(folder, name);
  mkdirSync(join(content, 'bin'), { recursive: true });
  copyFileSync(programOf(architecture), join(content, 'bin/oci-runtime-wrapper'));
  symlinkSync('oci-runtime-wrapper', join(content, 'bin/ociwrap'));
  copyFileSync(join(root, 'LICENSE'), join(content, 'LICENSE'));
  copyFileSync(
    join(root, 'packages/cli/dist/bundle/THIRD-PARTY-LICENSES.txt'),
    join(content, 'THIRD-PARTY-LICENSES.txt'),
  );
  must('chmod', ['-R', 'u=rwX,go=rX', content]);
  const same = ['--sort=name', `--mtime=@${releaseTime}`, '--owner=0', '--group=0', '--numeric-owner'];
  must('tar', [...same, '--use-compress-program=gzip -n9', '-cf', `${content}.tar.gz`, '-C', folder, name]);
  rmSync(content, { recursive: true });
  return `${name}.tar.gz`;
}
