import { describe, expect, test } from '@jest/globals';

import { enterNamespace } from '../../src/roots/own-namespace.js';
import { MOUNT } from '../../src/system/mount-calls.js';
import type { FileStatus, System } from '../../src/system/system.js';
import { mountingSystem, type SeenCall } from './mounting-system.js';

const FOLDER = { type: 'directory' } as FileStatus;
const TARGET = '/run/ociwrap/root';

/** A machine on which one path is a mount, beside `/`. */
function machine(mount: string, seen: SeenCall[], more: Partial<System> = {}): System {
  return mountingSystem(seen, {
    lstat: () => FOLDER,
    realpath: (path) => new TextEncoder().encode(String(path)),
    resolveBeneath: (root) => ({ dev: 1n, ino: 1n, isMountRoot: root === mount }),
    open: (path) => {
      seen.push(['open', path]);
      return 9;
    },
    close: () => undefined,
    fchmod: (_, mode) => {
      seen.push(['fchmod', mode]);
      return undefined;
    },
    ...more,
  });
}

/** Kernels before 5.15 do not know the flag. */
const withoutGroups: Partial<System> = {
  moveMount: (_mount, _path, flags) => ({ errno: flags === 0 ? 'EBADF' : 'EINVAL' }),
};

describe('the namespace of a call', () => {
  test('the mount above leaves its group for as long as the root is attached', () => {
    const seen: SeenCall[] = [];
    const entered = enterNamespace(machine('/run', seen), false);
    expect(seen).toEqual([
      ['moveMount', -1, TARGET, 0],
      ['open', '/run'],
      ['moveMount', -1, '/', MOUNT.setGroup],
      ['unshareMounts'],
    ]);
    seen.length = 0;
    if ('attach' in entered) entered.attach(7);
    expect(seen).toEqual([
      ['setPropagation', '/run', MOUNT.private],
      ['moveMount', 7, TARGET, 0],
      ['moveMount', 9, '/run', MOUNT.setGroup],
    ]);
  });

  test('before Linux 5.15 it stays a slave', () => {
    const seen: SeenCall[] = [];
    const moveMount: System['moveMount'] = (mount, path, flags) => {
      seen.push(['moveMount', mount, path, flags]);
      if (flags !== 0) return { errno: 'EINVAL' };
      return mount === -1 ? { errno: 'EBADF' } : undefined;
    };
    const entered = enterNamespace(machine('/run', seen, { moveMount }), false);
    seen.length = 0;
    if ('attach' in entered) entered.attach(7);
    expect(seen).toEqual([
      ['setPropagation', '/run', MOUNT.slave],
      ['moveMount', 7, TARGET, 0],
    ]);
  });

  test('a private mount has no group to go back into', () => {
    const moveMount =
      (errno: string): System['moveMount'] =>
      (mount, _path, flags) => {
        if (mount === -1) return { errno: 'EBADF' };
        return flags === MOUNT.setGroup ? { errno } : undefined;
      };
    const attached = (errno: string) => () => {
      const entered = enterNamespace(machine('/run', [], { moveMount: moveMount(errno) }), false);
      if ('attach' in entered) entered.attach(7);
    };
    expect(attached('EINVAL')).not.toThrow();
    expect(attached('EPERM')).toThrow('EPERM');
  });

  test('others than root may pass where the runtime is not root', () => {
    const seen: SeenCall[] = [];
    enterNamespace(machine('/run', seen), true);
    expect(seen).toContainEqual(['fchmod', 0o711]);
    seen.length = 0;
    enterNamespace(machine('/run', seen), false);
    expect(seen.map(([name]) => name)).not.toContain('fchmod');
  });

  test.each<[string, string, Partial<System>, string]>([
    [
      'no right to it',
      '/run',
      { unshareMounts: () => ({ errno: 'EPERM', syscall: 'unshare' }) },
      'unshare: EPERM',
    ],
    [
      'a kernel without the calls',
      '/run',
      { cloneTree: () => ({ errno: 'ENOSYS', syscall: 'open_tree' }) },
      'open_tree: ENOSYS',
    ],
    [
      'a seccomp filter on one of them',
      '/run',
      { moveMount: () => ({ errno: 'EPERM', syscall: 'move_mount' }) },
      'move_mount: EPERM',
    ],
    [
      'no folder of ours',
      '/run',
      { lstat: () => ({ errno: 'ENOENT' }), mkdir: () => ({ errno: 'EROFS' }) },
      'EROFS',
    ],
    ['a root that is no mount, after chroot', '', {}, 'not after a chroot'],
    ['an old kernel, and /run on the mount of /', '/', withoutGroups, 'older than Linux 5.15'],
  ])('%s', (_, mount, more, why) => {
    const seen: SeenCall[] = [];
    const stat: System['stat'] = () => ({ errno: 'ENOENT' });
    const entered = enterNamespace(machine(mount, seen, { stat, ...more }), false);
    expect(entered).toEqual(expect.objectContaining({ impossible: expect.stringContaining(why) }));
    expect(seen.map(([name]) => name)).not.toContain('setPropagation');
    expect(seen.map(([name]) => name)).not.toContain('unshareMounts');
  });

  test('with a kernel that can put it back, the mount of / is one like others', () => {
    const seen: SeenCall[] = [];
    expect(enterNamespace(machine('/', seen), false)).toHaveProperty('attach');
    expect(seen).toContainEqual(['unshareMounts']);
  });
});
