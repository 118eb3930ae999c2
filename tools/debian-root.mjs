// A Debian of its own under .tools/roots: the runtimes and engines of one Debian release, whatever this machine has or
// lacks.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { downloadPackages, MIRROR, unpackPackages } from './debian-packages.mjs';
import { capture, step, tools } from './workspace.mjs';

/** In each root: by what it was made. */
const RECIPE = '.ociwrap-recipe';
/** And the version of each package. */
const PACKAGES = '.ociwrap-packages.json';

const SYSTEM =
  'base-files base-passwd bash bsdutils coreutils dash diffutils findutils grep gzip hostname iproute2 libc-bin mawk mount procps sed tar util-linux';
const RUNTIMES_AND_ENGINES = 'runc crun runsc containerd podman conmon uidmap docker.io';
const FOR_TESTS = 'acl attr busybox-static e2fsprogs fuse-overlayfs jq libcap2-bin libstdc++6 rsync strace';

/**
 * What the packages of a release add to the common ones. bookworm's CRIU does not start on kernels of today, and its kubectl knows
 * neither ValidatingAdmissionPolicy nor a kustomize of this decade.
 */
const FOR_CLUSTERS = ['buildah', 'kubernetes-client'];
const FOR_RELEASES = ['rpm'];
const OWN_PACKAGES = {
  bookworm: ['dpkg'],
  trixie: ['docker-cli', 'criu', ...FOR_CLUSTERS, ...FOR_RELEASES],
  sid: ['docker-cli', 'criu', ...FOR_CLUSTERS],
};

/** The releases that a root can be made of. */
export const RELEASES = Object.keys(OWN_PACKAGES);

/** These get a test run of their own in `npm test`: neither changes but for security. `sid` moves every day. */
export const TESTED_RELEASES = ['bookworm', 'trixie'];

/** Whether such a root can be made and entered here. */
export function canHaveDebianRoot() {
  return process.getuid() === 0 && ['apt-get', 'dpkg-deb', 'tar'].every(isOnMachine);
}

function isOnMachine(name) {
  return capture('sh', ['-c', 'command -v "$0"', name]).status === 0;
}

/**
 * Gives the folder of a release's root; it is made where there is none, or where it was made of other packages than are
 * asked for today. It appears whole or not at all.
 *
 * @param {{ anew?: boolean }} options `anew`: make it even if it is there, for a release that moves
 */
export function debianRoot(release, { anew = false } = {}) {
  const packages = [SYSTEM, RUNTIMES_AND_ENGINES, FOR_TESTS]
    .flatMap((names) => names.split(' '))
    .concat(OWN_PACKAGES[release]);
  const recipe = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(readFileSync(join(import.meta.dirname, 'debian-packages.mjs')))
    .update(`${MIRROR} ${process.arch}`)
    .digest('hex');
  const folder = join(tools, 'roots', release);
  const stamp = join(folder, RECIPE);
  if (!anew && existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) {
    return folder;
  }
  step(`Debian ${release} with its runtimes and engines into .tools`);
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  const apt = join(tools, 'apt', release);
  const archives = downloadPackages(apt, release, packages);
  unpackPackages(archives, next);
  rmSync(apt, { recursive: true });
  configure(next);
  writeFileSync(join(next, PACKAGES), JSON.stringify(Object.fromEntries(archives.map(nameAndVersion))));
  writeFileSync(join(next, RECIPE), recipe);
  rmSync(folder, { recursive: true, force: true });
  renameSync(next, folder);
  return folder;
}

/** apt names an archive `docker.io_26.1.5+dfsg1-9%2bb11_amd64.deb`. */
function nameAndVersion(archive) {
  const [name, version] = basename(archive).split('_');
  return [name, decodeURIComponent(version)];
}

/** @returns {Record<string, string>} the packages of a root, with Debian's versions */
export function packagesOf(folder) {
  return JSON.parse(readFileSync(join(folder, PACKAGES), 'utf8'));
}

/** What the packages' scripts would have done, as far as the programs need it. */
function configure(folder) {
  for (const name of ['passwd', 'group']) {
    copyFileSync(join(folder, `usr/share/base-passwd/${name}.master`), join(folder, 'etc', name));
  }
  symlinkSync('mawk', join(folder, 'usr/bin/awk'));
  writeFileSync(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(folder, 'etc/hostname'), 'localhost\n');
  for (const name of ['run', 'lock']) {
    rmSync(join(folder, 'var', name), { recursive: true, force: true });
  }
  symlinkSync('/run', join(folder, 'var/run'));
  symlinkSync('/run/lock', join(folder, 'var/lock'));
}
