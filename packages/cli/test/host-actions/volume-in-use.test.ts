import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { isVolumeInUse } from '../../src/host-actions/volume-in-use.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();
const folder = temporaryFolder();
const volume = join(folder, 'volume');
const other = join(folder, 'other');
mkdirSync(volume);
mkdirSync(other);
const { dev, ino } = statSync(volume, { bigint: true });
const pin = { path: volume, dev, ino };

interface FakeProcess {
  readonly root?: string;
  readonly namespace?: string;
  readonly mounts?: readonly string[];
}

let count = 0;

/** A /proc of these processes; the machine itself has its root file system and the volume, as the kubelet mounts it. */
function procOf(processes: Readonly<Record<string, FakeProcess>>, mounts = [DISK, VOLUME]): string {
  count += 1;
  const proc = join(folder, `proc-${count}`);
  for (const [pid, process] of Object.entries({ self: { mounts }, ...processes })) {
    const { root, namespace, mounts: own } = process as FakeProcess;
    mkdirSync(join(proc, pid, 'ns'), { recursive: true });
    if (root !== undefined) symlinkSync(root, join(proc, pid, 'root'));
    if (namespace !== undefined) symlinkSync(`mnt:[${namespace}]`, join(proc, pid, 'ns/mnt'));
    if (own !== undefined) writeFileSync(join(proc, pid, 'mountinfo'), `${own.join('\n')}\n`);
  }
  writeFileSync(join(proc, 'uptime'), '');
  return proc;
}

const DISK = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
const VOLUME = `2 1 8:16 / ${volume} rw - ext4 /dev/sdb rw`;
const ROOT_OF_RUNC = `3 2 8:16 / ${volume} rw - ext4 /dev/sdb rw`;

describe('a volume is in use', () => {
  test.each<[string, FakeProcess]>([
    [
      'by a container that has it as its root',
      { root: '/', namespace: '2', mounts: ['3 9 8:16 / / rw - ext4 /dev/sdb rw'] },
    ],
    [
      'while a runtime mounts into its root, from the root of the machine',
      {
        root: '/',
        namespace: '2',
        mounts: [DISK, VOLUME, ROOT_OF_RUNC, `4 3 0:5 / ${volume}/proc rw - proc proc rw`],
      },
    ],
    [
      'by a container whose processes have gone into a folder of it',
      {
        root: other,
        namespace: '2',
        mounts: [
          '3 9 8:16 / / rw - ext4 /dev/sdb rw',
          '4 3 8:1 /x /usr/lib/libcuda.so rw - ext4 /dev/sda1 rw',
        ],
      },
    ],
    [
      'where something is mounted in it, wherever it is seen',
      {
        root: '/',
        namespace: '2',
        mounts: [DISK, '5 1 8:16 / /data rw - ext4 x rw', '6 5 0:7 / /data/run rw - tmpfs t rw'],
      },
    ],
  ])('%s', (_, process) => {
    expect(
      isVolumeInUse(
        system,
        pin,
        procOf({ 7: { root: '/', namespace: '1', mounts: [DISK, VOLUME] }, 8: process }),
      ),
    ).toBe(true);
  });

  test.each<[string, Readonly<Record<string, FakeProcess>>]>([
    ['nobody', {}],
    ['only the machine sees it', { 7: { root: '/', namespace: '1', mounts: [DISK, VOLUME] } }],
    [
      'a pod has it as a plain mount',
      {
        7: {
          root: '/',
          namespace: '2',
          mounts: ['1 0 0:9 / / rw - overlay o rw', '5 1 8:16 / /data rw - ext4 x rw'],
        },
      },
    ],
    [
      'another volume is used',
      {
        7: {
          root: other,
          namespace: '2',
          mounts: [DISK, '3 1 8:32 / / rw - ext4 x rw', '4 3 0:5 / /proc rw - proc p rw'],
        },
      },
    ],
    [
      'something else on the line has the number of its file system',
      { 7: { root: '/', namespace: '2', mounts: ['3 9 0:50 / / rw - fuse 8:16 rw'] } },
    ],
    ['the process is gone', { 7: {} }],
    ['the process is gone but for its root', { 7: { root: '/nowhere', namespace: '3' } }],
  ])('not: %s', (_, processes) => {
    expect(isVolumeInUse(system, pin, procOf(processes))).toBe(false);
  });

  test('a root that a start has mounted counts for who asks for it', () => {
    const start = {
      root: '/',
      namespace: '2',
      mounts: [DISK, VOLUME, '4 1 8:16 / /run/ociwrap/root rw - ext4 x rw'],
    };
    const proc = procOf({ 7: start });
    expect(isVolumeInUse(system, pin, proc)).toBe(false);
    expect(isVolumeInUse(system, pin, proc, ['/', '/run/ociwrap/root'])).toBe(true);
  });

  test('a root on a dead server is not looked at', () => {
    // As stat(2) of a FUSE file system without its server, here ELOOP in the place of ENOTCONN.
    const dead = join(folder, 'dead');
    symlinkSync(dead, dead);
    const processes = { 7: { root: dead, namespace: '2', mounts: ['3 9 0:50 / / rw - fuse f rw'] } };
    expect(isVolumeInUse(system, pin, procOf(processes))).toBe(false);
  });

  test('a process that has changed its root does not hide what others of its namespace see', () => {
    const jailed = { root: '/var/empty', namespace: '2', mounts: [] };
    const container = { root: '/', namespace: '2', mounts: ['3 9 8:16 / / rw - ext4 /dev/sdb rw'] };
    expect(isVolumeInUse(system, pin, procOf({ 7: jailed, 8: container }))).toBe(true);
    expect(isVolumeInUse(system, pin, procOf({ 7: jailed }))).toBe(false);
  });

  test('more mounts than can be looked through count as use', () => {
    // 3 MiB for each namespace, of mounts that have nothing to do with the volume.
    const many = Array(3000).fill(`3 9 0:5 / /${'a'.repeat(1000)} rw - tmpfs t rw`);
    const pods = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          index + 2,
          { root: '/', namespace: String(index + 2), mounts: many },
        ]),
      );
    expect(isVolumeInUse(system, pin, procOf(pods(10)))).toBe(false);
    expect(isVolumeInUse(system, pin, procOf(pods(12)))).toBe(true);
  });

  test('a volume that is a folder of a file system of others: its own mounts only count', () => {
    const shared = [DISK, `2 1 8:16 /claims/a ${volume} rw - ext4 /dev/sdb rw`];
    const container = (root: string, mountPoint: string) => ({
      7: {
        root: '/',
        namespace: '2',
        mounts: [`3 9 8:16 ${root} / rw - ext4 x rw`, `4 3 0:5 / ${mountPoint} rw - proc p rw`],
      },
    });
    expect(isVolumeInUse(system, pin, procOf(container('/claims/a', '/proc'), shared))).toBe(true);
    expect(isVolumeInUse(system, pin, procOf(container('/claims', '/a/proc'), shared))).toBe(true);
    expect(isVolumeInUse(system, pin, procOf(container('/claims/b', '/proc'), shared))).toBe(false);
    expect(isVolumeInUse(system, pin, procOf(container('/claims/ab', '/proc'), shared))).toBe(false);
    expect(isVolumeInUse(system, pin, procOf(container('/claims', '/a'), shared))).toBe(false);
  });

  test('a folder of the root file system, as provisioners of hostPath volumes make them', () => {
    const mounts = [DISK];
    const container = {
      root: '/',
      namespace: '2',
      mounts: [`3 9 8:1 ${volume} / rw - ext4 x rw`, '4 3 0:5 / /dev rw - tmpfs t rw'],
    };
    const machine = { root: '/', namespace: '1', mounts: [DISK, '2 1 0:5 / /proc rw - proc p rw'] };
    expect(isVolumeInUse(system, pin, procOf({ 7: machine }, mounts))).toBe(false);
    expect(isVolumeInUse(system, pin, procOf({ 7: machine, 8: container }, mounts))).toBe(true);
  });

  test("the real /proc: this folder is nobody's root", () => {
    expect(isVolumeInUse(system, pin)).toBe(false);
    expect(isVolumeInUse(system, { path: '/', ...statSync('/', { bigint: true }) })).toBe(true);
  });
});
