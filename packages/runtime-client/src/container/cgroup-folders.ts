import { existsSync } from 'node:fs';
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';

import { isErrno } from '../store/container-lock.js';

/** A mounted hierarchy of control groups, and where this process stands in it. */
export interface CgroupHierarchy {
  readonly mountPoint: string;
  readonly own: string;
}

/**
 * The folders that a runtime would make for a container, by what runc, crun and runsc name them: the path of config.json, below the
 * caller's or the root's group, else the id.
 *
 * @param cgroupsPath - linux.cgroupsPath of config.json: a path, or `slice:prefix:name` where systemd makes them
 */
export function cgroupCandidates(
  hierarchies: readonly CgroupHierarchy[],
  id: string,
  cgroupsPath: string | undefined,
): readonly string[] {
  const [slice, prefix, name] = cgroupsPath?.split(':') ?? [];
  const names =
    name === undefined ? [cgroupsPath ?? id] : [`${slice || 'system.slice'}/${prefix}-${name}.scope`];
  const folders = hierarchies.flatMap(({ mountPoint, own }) =>
    ['/', own].flatMap((group) => names.map((each) => normalize(join(mountPoint, group, each)))),
  );
  const taken = hierarchies.flatMap(({ mountPoint, own }) => [mountPoint, normalize(join(mountPoint, own))]);
  // A path that leads out of its hierarchy, or is one, is not made by a runtime.
  const isMade = (folder: string) =>
    hierarchies.some(({ mountPoint }) => folder.startsWith(`${mountPoint}/`)) && !taken.includes(folder);
  return [...new Set(folders.map((folder) => folder.replace(/\/+$/, '')))].filter(isMade);
}

/** The hierarchies of this process: /proc/self/mountinfo (proc(5)) and /proc/self/cgroup (cgroups(7)). */
export function readHierarchies(mountinfo: string, ownGroups: string): readonly CgroupHierarchy[] {
  const groups = ownGroups.split('\n').map((line) => {
    const [, controllers = '', ...path] = line.split(':');
    return { controllers: controllers.split(','), path: path.join(':') };
  });
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', mountPoint = ''] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const names = type === 'cgroup2' ? [''] : options.split(',');
    const group = groups.find(({ controllers }) => controllers.some((each) => names.includes(each)));
    if (group === undefined) return [];
    const isBelow = root !== '/' && group.path.startsWith(root);
    return [{ mountPoint: unescaped(mountPoint), own: isBelow ? group.path.slice(root.length) : group.path }];
  });
}

/** Blanks and the like are octal in mountinfo. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** Those candidates that are not there: what is found there later was made for the container. */
export async function absentCgroups(id: string, cgroupsPath: string | undefined): Promise<readonly string[]> {
  const [mountinfo, groups] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    readFile('/proc/self/cgroup', 'utf8'),
  ]);
  return cgroupCandidates(readHierarchies(mountinfo, groups), id, cgroupsPath).filter(
    (folder) => !existsSync(folder),
  );
}

/** Removes control groups with those below; one that still has a process stays, and is an error (EBUSY). */
export async function removeCgroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await removeGroup(folder);
}

async function removeGroup(folder: string): Promise<void> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(folder, entry.name));
    await rmdir(folder); // its files go with it
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENODEV')) throw error; // gone with its runtime, or meanwhile
  }
}
