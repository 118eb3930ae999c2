import { answerOf, isFailure, type System } from '../system/system.js';
import { bytesOf, textOf } from '../system/text.js';
import { inFolder } from './volume-folder.js';
import type { ImageIdentity } from './volume-record.js';

/** Folders whose entries are looked at, from the image's root on. */
const LOOKED_AT = ['.', 'usr', 'etc'];

/** Of a folder with more entries than this only their names count: each look costs two microseconds. */
const MOST_LOOKED_AT = 64;

/** What package managers write at every change. */
const WRITTEN_BY_PACKAGES = [
  'var/lib/dpkg/status',
  'lib/apk/db/installed',
  'var/lib/rpm/rpmdb.sqlite',
  'usr/lib/sysimage/rpm/rpmdb.sqlite',
  'usr/lib/os-release',
  'etc/ld.so.cache',
];

/**
 * What engines and runtimes put into the root of a container before it starts, at other times for each: mount points, and
 * files of the container.
 */
const NOT_OF_THE_IMAGE = new Set([
  ...[
    './dev',
    './proc',
    './sys',
    './run',
    './tmp',
    './mnt',
    './media',
    './.dockerenv',
    './lost+found',
    './etc',
  ],
  ...['etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'etc/mtab'],
]);

/**
 * Which image lies at a root: its name, and a fingerprint of what every build and every update of packages changes: the entries
 * of `/`, `/usr` and `/etc` with their sizes and times, and the databases of package managers. Layers keep the times of files, so the
 * same image has the same fingerprint on each node.
 *
 * It is not a digest: a file that is replaced deep below and keeps its folder's time goes unnoticed.
 *
 * @param image - the root of the image, open
 * @throws SystemError
 */
export function imageIdentity(system: System, image: number, name: string | undefined): ImageIdentity {
  const lines = LOOKED_AT.flatMap((folder) => entriesOf(system, image, folder));
  for (const path of WRITTEN_BY_PACKAGES) lines.push(lineOf(system, image, path));
  const sum = system.fnv1a(bytesOf(lines.join('\n')));
  return { name: name ?? null, fingerprint: sum.toString(16).padStart(16, '0') };
}

function entriesOf(system: System, image: number, folder: string): string[] {
  const names = system.readdir(inFolder(image, folder));
  if (isFailure(names)) return [`${folder}: ${names.errno}`];
  const paths = names
    .map((name) => `${folder}/${textOf(name)}`)
    .filter((path) => !NOT_OF_THE_IMAGE.has(path))
    .sort();
  return paths.length > MOST_LOOKED_AT ? paths : paths.map((path) => lineOf(system, image, path));
}

function lineOf(system: System, image: number, path: string): string {
  const found = system.lstat(inFolder(image, path));
  if (isFailure(found) && (found.errno === 'ENOENT' || found.errno === 'ENOTDIR')) return `${path} -`;
  const { type, size, mtimeNs } = answerOf(found, path);
  return `${path} ${type} ${type === 'file' ? size : ''} ${mtimeNs}`;
}

/** Whether an identity is that of another image; a name that is not known says nothing. */
export function isOtherImage(before: ImageIdentity, now: ImageIdentity): boolean {
  const isOtherName = before.name !== null && now.name !== null && before.name !== now.name;
  return isOtherName || before.fingerprint !== now.fingerprint;
}
