// What a package of a distribution puts on a machine: the program, its completions, the licences, and the folder of its configuration.
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { root } from '../workspace.mjs';
import { must, programOf } from './release-folder.mjs';

/** As bash-completion, zsh and fish look for them. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/ociwrap',
  zsh: 'usr/share/zsh/site-functions/_ociwrap',
  fish: 'usr/share/fish/vendor_completions.d/ociwrap.fish',
};

export const PROGRAM = '/usr/bin/ociwrap';

/** What engines are told to call. */
export const WRAPPER = '/usr/bin/oci-runtime-wrapper';

/** Of a package's script, before it is removed: an engine calls the program that created a container to stop and remove it, too. */
export const REFUSE_IF_USED = `users=$(${PROGRAM} users)
  if [ -n "$users" ]; then
    echo "ociwrap: without it nothing can stop and remove these containers:" >&2
    echo "$users" >&2
    exit 1
  fi`;

/** @param native - the program of this machine's architecture, which prints the completions */
export function layOutTree(architecture, folder, native) {
  const place = (path) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  copyFileSync(programOf(architecture), place(PROGRAM));
  symlinkSync('ociwrap', place(WRAPPER));
  mkdirSync(place('etc/ociwrap'), { recursive: true });
  for (const [shell, path] of Object.entries(COMPLETIONS)) {
    writeFileSync(place(path), must(native, ['completion'], { env: { SHELL: `/bin/${shell}` } }));
  }
  copyFileSync(join(root, 'LICENSE'), place('usr/share/doc/ociwrap/copyright'));
  const licences = join(root, 'packages/cli/dist/bundle/THIRD-PARTY-LICENSES.txt');
  copyFileSync(licences, place('usr/share/doc/ociwrap/THIRD-PARTY-LICENSES.txt'));
  copyFileSync(join(root, 'CHANGELOG.md'), place('usr/share/doc/ociwrap/CHANGELOG.md'));
  must('chmod', ['-R', 'u=rwX,go=rX', folder]);
}
