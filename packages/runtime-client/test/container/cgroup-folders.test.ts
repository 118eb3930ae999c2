import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { cgroupCandidates, readHierarchies, removeCgroups } from '../../src/container/cgroup-folders.js';
import { temporaryFolder } from '../temporary-folder.js';

const MOUNTS = `1 0 0:1 / / rw - ext4 /dev/a rw
2 1 0:2 / /sys/fs/cgroup rw - tmpfs cgroup rw
3 2 0:3 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
4 2 0:4 / /sys/fs/cgroup/systemd rw shared:9 - cgroup cgroup rw,xattr,name=systemd
5 2 0:5 /pod /sys/fs/a\\040b rw - cgroup2 cgroup2 rw
6 2 0:6 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids`;
const GROUPS = `3:cpu,cpuacct:/own
2:name=systemd:/a:b
0::/pod/own`;

test('hierarchies, each with the group of this process', () => {
  expect(readHierarchies(MOUNTS, GROUPS)).toEqual([
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', own: '/own' },
    { mountPoint: '/sys/fs/cgroup/systemd', own: '/a:b' },
    { mountPoint: '/sys/fs/a b', own: '/own' },
  ]);
});

const hierarchies = [{ mountPoint: '/c', own: '/own' }];

test.each([
  ['the id', undefined, ['/c/web', '/c/own/web']],
  ['a path', '/pods/web', ['/c/pods/web', '/c/own/pods/web']],
  ['a relative path', 'web-group', ['/c/web-group', '/c/own/web-group']],
  ['a unit', 'a.slice:runc:web', ['/c/a.slice/runc-web.scope', '/c/own/a.slice/runc-web.scope']],
  [
    'a unit of the default slice',
    ':runc:web',
    ['/c/system.slice/runc-web.scope', '/c/own/system.slice/runc-web.scope'],
  ],
  ['nothing that leads out', '../../etc', []],
])('a group by %s', (_title, path, expected) => {
  expect(cgroupCandidates(hierarchies, 'web', path)).toEqual(expected);
});

test('neither a hierarchy nor the group of this process is ever one', () => {
  expect(cgroupCandidates(hierarchies, 'web', '/')).toEqual([]);
  expect(cgroupCandidates(hierarchies, 'web', '/own')).toEqual(['/c/own/own']);
});

test('a group goes with those below, and one that is gone is no error', async () => {
  const folder = join(temporaryFolder(), 'web');
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  await removeCgroups([folder, folder]);
  expect(existsSync(folder)).toBe(false);
});
