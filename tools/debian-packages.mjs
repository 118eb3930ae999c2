// Packages of a Debian release: fetched by the machine's apt, with lists and a status of their own, and unpacked; none of their
// scripts is run, and nothing of the machine's package state is read or changed.
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { capture, tools } from './workspace.mjs';

export const MIRROR = process.env.DEBIAN_MIRROR || 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Downloads packages and all that they depend on, as if nothing were installed.
 *
 * @param {string} apt a folder of apt's own, which is made anew
 * @returns {string[]} the paths of the archives
 */
export function downloadPackages(apt, release, packages) {
  rmSync(apt, { recursive: true, force: true });
  for (const path of ['lists/partial', 'cache/archives/partial', 'none']) {
    mkdirSync(join(apt, path), { recursive: true });
  }
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${debianKeyring()}] ${MIRROR} ${release} main\n`);
  writeFileSync(join(apt, 'status'), '');
  const settings = {
    'Dir::State': apt,
    'Dir::State::status': join(apt, 'status'),
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Etc::SourceList': join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': join(apt, 'none'),
    'Dir::Etc::PreferencesParts': join(apt, 'none'),
    'Dir::Etc::Preferences': '/dev/null',
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  const options = Object.entries(settings).map(([key, value]) => `-o${key}=${value}`);
  must('apt-get', ['-qq', ...options, 'update']);
  must('apt-get', ['-qq', ...options, '--yes', '--download-only', 'install', ...packages]);
  const archives = join(apt, 'cache/archives');
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(archives, name));
}

/** Unpacks archives into a new root directory. Packages of bookworm name /bin and /lib, which are links here as on every Debian since 12. */
export function unpackPackages(archives, folder) {
  mkdirSync(join(folder, 'usr'), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
    mkdirSync(join(folder, 'usr', name));
    symlinkSync(`usr/${name}`, join(folder, name));
  }
  const script =
    'root=$1; shift; for deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -p --keep-directory-symlink -C "$root" || exit; done';
  must('sh', ['-c', script, 'sh', folder, ...archives]);
}

/** Debian machines have the keyring; on Ubuntu and the like it is one of their own, signed packages. */
function debianKeyring() {
  if (existsSync(KEYRING)) {
    return KEYRING;
  }
  const folder = join(tools, 'debian-keyring');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  must('apt-get', ['-qq', 'download', 'debian-archive-keyring'], { cwd: folder });
  must('dpkg-deb', ['-x', join(folder, readdirSync(folder)[0]), folder]);
  return join(folder, KEYRING);
}

function must(program, args, options) {
  const { status, stderr, error } = capture(program, args, options);
  if (status !== 0) {
    throw new Error(`${program} ${args.at(-1)} failed: ${error?.message ?? stderr.trim()}`);
  }
}
