import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from '@jest/globals';

/** What has to be undone when the tests of a file are over, last first; a promise is waited for. */
const undo: (() => unknown)[] = [];

afterAll(async () => {
  for (const step of undo.splice(0).reverse()) {
    await step();
  }
}, 60_000);

export function atEnd(step: () => unknown): void {
  undo.push(step);
}

/** A new folder that is gone after the tests of this file. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `ociwrap-${name}-`));
  atEnd(() => {
    unmountBeneath(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

/** What a program that failed has left mounted there would keep the folder from being removed. */
function unmountBeneath(folder: string): void {
  const mountPoints = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((mountPoint) => mountPoint.startsWith(`${folder}/`));
  for (const mountPoint of mountPoints.reverse()) {
    spawnSync('umount', ['--lazy', mountPoint]);
  }
}

/** Mounts something until the tests of this file are over. The namespace is ours: the machine does not see it. */
export function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`mount ${args.join(' ')}: ${stderr}`);
  }
  atEnd(() => spawnSync('umount', ['--lazy', args.at(-1) ?? '']));
}

/** Mounts a FUSE file system that nobody serves any more: each look at it fails with ENOTCONN. */
export function deadFuse(path: string): void {
  const script = `
    exec 9<>/dev/fuse
    mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 dead "$1"`;
  const { status, stderr } = spawnSync('sh', ['-euc', script, 'sh', path], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`mount -t fuse: ${stderr}`);
  }
  atEnd(() => spawnSync('umount', ['--lazy', path]));
}

/** Removes a control group that an engine leaves behind when its last container is gone; one in use stays. */
export function removeCgroupAtEnd(name: string): void {
  const hierarchies = [
    '/sys/fs/cgroup',
    ...readdirSync('/sys/fs/cgroup').map((entry) => `/sys/fs/cgroup/${entry}`),
  ];
  const there = (hierarchy: string) => existsSync(join(hierarchy, name));
  const ours = hierarchies.filter((hierarchy) => !there(hierarchy));
  atEnd(() => {
    for (const hierarchy of ours.filter(there)) {
      spawnSync('rmdir', [join(hierarchy, name)]);
    }
  });
}
