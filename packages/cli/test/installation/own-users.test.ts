import { describe, expect, test } from '@jest/globals';

import { layoutOf } from '../../src/installation/layout.js';
import { ownUsers } from '../../src/installation/own-users.js';
import type { System } from '../../src/system/system.js';
import { bytesOf, textOf } from '../../src/system/text.js';

/** A machine of files and links; folders follow from their paths. */
function machine(
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): System {
  const opened = new Map<number, string>();
  const text = (path: string | Uint8Array) => textOf(bytesOf(path));
  const none = { errno: 'ENOENT', syscall: 'open' };
  const paths = [...Object.keys(files), ...Object.keys(links)];
  return {
    open: (path: string) => {
      if (files[text(path)] === undefined) return none;
      opened.set(opened.size + 3, text(path));
      return opened.size + 2;
    },
    fstat: () => ({ size: 0n }),
    read: (fd: number) => {
      const rest = files[opened.get(fd) ?? ''] ?? '';
      opened.set(fd, '');
      return bytesOf(rest);
    },
    close: () => undefined,
    readdir: (folder: string) => {
      const start = `${text(folder)}/`;
      const names = paths
        .filter((path) => path.startsWith(start))
        .map((path) => path.slice(start.length).split('/')[0]);
      return names.length === 0 ? none : [...new Set(names)].map((name) => bytesOf(name ?? ''));
    },
    readlink: (path: string) => (links[text(path)] === undefined ? none : bytesOf(links[text(path)] ?? '')),
    realpath: (path: string) => bytesOf(links[text(path)] ?? text(path)),
    getpid: () => 1,
  } as unknown as System;
}

const argv = (...words: readonly string[]) => words.map((word) => `${word}\0`).join('');
const OWN = { '/proc/1/cmdline': argv('/opt/ociwrap/bin/oci-runtime-wrapper') };
const WRAPPER = '/opt/ociwrap/bin/oci-runtime-wrapper';
const users = (files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) =>
  ownUsers(machine({ ...OWN, ...files }, links), layoutOf('/opt/ociwrap'), ['/usr/bin/runc']);
const TASK = '/run/containerd/io.containerd.runtime.v2.task';

describe('who runs under an installation', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly object[]]>([
    ['nobody but this process', {}, []],
    [
      'a task of containerd',
      { [`${TASK}/k8s.io/c1/runtime`]: `${WRAPPER}\n` },
      [{ by: 'containerd', id: 'k8s.io/c1', runtime: WRAPPER }],
    ],
    [
      'another handler',
      { [`${TASK}/k8s.io/c1/runtime`]: `${WRAPPER}-gpu` },
      [{ by: 'containerd', id: 'k8s.io/c1', runtime: `${WRAPPER}-gpu` }],
    ],
    ['a task of another runtime', { [`${TASK}/k8s.io/c1/runtime`]: '/usr/bin/crun' }, []],
    ['another folder that begins alike', { [`${TASK}/k8s.io/c1/runtime`]: '/opt/ociwrap-1/bin/x' }, []],
    [
      'one that is found on PATH',
      { [`${TASK}/moby/c1/runtime`]: '' },
      [{ by: 'containerd', id: 'moby/c1', runtime: 'runc', place: '/usr/bin/runc' }],
    ],
    [
      'a place by its path',
      { [`${TASK}/moby/c1/runtime`]: '/usr/bin/runc' },
      [{ by: 'containerd', id: 'moby/c1', runtime: '/usr/bin/runc', place: '/usr/bin/runc' }],
    ],
    [
      'a version by its path',
      { [`${TASK}/k8s.io/c1/runtime`]: '/opt/ociwrap/versions/1-a/ociwrap' },
      [{ by: 'containerd', id: 'k8s.io/c1', runtime: '/opt/ociwrap/versions/1-a/ociwrap', version: '1-a' }],
    ],
    [
      'Docker',
      { ['/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/c1/runtime']: WRAPPER },
      [{ by: 'containerd', id: 'moby/c1', runtime: WRAPPER }],
    ],
    [
      'k3s',
      { ['/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/c1/runtime']: WRAPPER },
      [{ by: 'containerd', id: 'k8s.io/c1', runtime: WRAPPER }],
    ],
    [
      'podman',
      { '/proc/7/cmdline': argv('/usr/bin/conmon', '-c', 'c1', '-r', WRAPPER) },
      [{ by: 'conmon', id: 'c1', runtime: WRAPPER }],
    ],
    [
      'CRI-O',
      { '/proc/7/cmdline': argv('conmon', '--cid=c1', `--runtime=${WRAPPER}`) },
      [{ by: 'conmon', id: 'c1', runtime: WRAPPER }],
    ],
    [
      'conmon-rs',
      { '/proc/7/cmdline': argv('/usr/bin/conmonrs', '--runtime', WRAPPER) },
      [{ by: 'conmon', id: 'unknown', runtime: WRAPPER }],
    ],
    [
      'podman with another',
      { '/proc/7/cmdline': argv('/usr/bin/conmon', '-c', 'c1', '-r', '/usr/bin/crun') },
      [],
    ],
    [
      'BuildKit',
      { '/proc/7/cmdline': argv(WRAPPER, 'run', 'c1') },
      [{ by: 'call', id: '7', runtime: WRAPPER }],
    ],
    ['what people call', { '/proc/7/cmdline': argv('/opt/ociwrap/bin/ociwrap', 'logs') }, []],
    ['a thread of the kernel', { '/proc/7/cmdline': '' }, []],
    ['what only names it', { '/proc/7/cmdline': argv('vi', WRAPPER) }, []],
  ])('%s', (_, files, found) => {
    expect(users(files)).toEqual(found);
  });

  test('a state folder is found by the shim that works in it', () => {
    const task = '/elsewhere/io.containerd.runtime.v2.task/k8s.io';
    const shim = { '/proc/9/cmdline': argv('/usr/bin/containerd-shim-runc-v2', '-id', 'c1') };
    const files = { ...shim, [`${task}/c1/runtime`]: WRAPPER, [`${task}/c2/runtime`]: WRAPPER };
    expect(users(files, { '/proc/9/cwd': `${task}/c1` }).map(({ id }) => id)).toEqual([
      'k8s.io/c1',
      'k8s.io/c2',
    ]);
    expect(users(files, { '/proc/9/cwd': '/' })).toEqual([]);
  });

  test('a link of somebody’s own to the wrapper is the wrapper', () => {
    const runtime = '/usr/local/bin/mine';
    expect(users({ [`${TASK}/k8s.io/c1/runtime`]: runtime }, { [runtime]: WRAPPER })).toMatchObject([
      { runtime },
    ]);
  });

  test('without processes nothing is known', () => {
    expect(() => ownUsers(machine({}), layoutOf('/opt/ociwrap'), [])).toThrow(
      expect.objectContaining({ code: 'ERR_CONTAINERS_UNKNOWN' }),
    );
  });
});
