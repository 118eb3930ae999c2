import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { MountRoot, PinnedPath } from '@opencontainers-ts/rootfs-rewriter';

import { mountRoot } from '../../src/roots/mount-root.js';
import type { System } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';
import { mountingSystem, type SeenCall } from './mounting-system.js';

const scratch = temporaryFolder();
const ONCE_MOUNTED = [{ op: 'replace', path: '/root/path', value: '/run/ociwrap/root' }] as const;

interface Scene {
  readonly volume: string;
  readonly image: string;
  readonly seen: SeenCall[];
  readonly start: (more?: Partial<MountRoot>, kernel?: Partial<System>) => ReturnType<typeof mountRoot>;
}

const ext4 = {
  type: 0xef53n,
  blockSize: 4096n,
  blocks: 99n,
  freeBlocks: 99n,
  inodes: 9n,
  freeInodes: 9n,
  flags: 0,
};
/** A file system that several nodes can mount, and that takes an upper. */
const gpfs = { ...ext4, type: 0x47504653n };

function scene(strategy: MountRoot['strategy']): Scene {
  const [volume, image] = ['volume-', 'image-'].map((name) => mkdtempSync(join(scratch, name))) as [
    string,
    string,
  ];
  mkdirSync(join(image, 'etc'));
  const seen: SeenCall[] = [];
  const see =
    <T>(name: string, answer: T) =>
    (...arguments_: unknown[]): T => {
      seen.push([name, ...arguments_]);
      return answer;
    };
  const { dev, ino } = statSync(volume, { bigint: true });
  const pin: PinnedPath = { path: volume, dev, ino };
  const action: MountRoot = {
    kind: 'mount-root',
    strategy,
    root: volume,
    volume: 'pvc-1',
    target: '/run/ociwrap/root',
    image,
    imageName: 'debian:12',
    imageChange: 'warn',
    readonly: false,
    user: 'ns/pod/main',
    onceMounted: ONCE_MOUNTED,
    otherwise: strategy === 'overlay' ? 'refuse' : 'use-path',
  };
  const start: Scene['start'] = (more = {}, kernel = {}) => {
    const system = mountingSystem(seen, {
      realpath: (path) => new TextEncoder().encode(String(path)),
      // What is made on a tmpfs that is never attached.
      mkdir: (path, mode) => {
        try {
          mkdirSync(String(path), mode);
          return undefined;
        } catch (error) {
          return { errno: (error as NodeJS.ErrnoException).code ?? '' };
        }
      },
      lstat: (path) => (String(path).startsWith('/run/') ? nothing : base.lstat(path)),
      resolveBeneath: () => ({ dev: 1n, ino: 1n, isMountRoot: true }),
      open: openHere,
      statfs: () => ext4,
      fsopen: () => base.open(image, 32) as number,
      fsconfig: see('fsconfig', undefined),
      createFileSystem: see('createFileSystem', undefined),
      fsmount: () => base.open(mkdtempSync(join(scratch, 'mount-')), 32),
      ...kernel,
    });
    return mountRoot(system, { ...action, ...more }, pin, { container: 'c1', tell: () => undefined });
  };
  return { volume, image, seen, start };
}

const base = mountingSystem();
/** Nothing of this machine's /run is touched, nor need it be there. */
const openHere: System['open'] = (path, flags, mode) =>
  String(path).startsWith('/run/') ? base.open('/', flags) : base.open(path, flags, mode);
const nothing = base.lstat('/');
const code = (expected: string, message?: string) =>
  expect.objectContaining({
    code: expected,
    ...(message === undefined ? {} : { message: expect.stringContaining(message) }),
  });
const layout = (volume: string) => readdirSync(volume).sort();
const record = (volume: string, name: string) =>
  JSON.parse(readFileSync(join(volume, '.ociwrap', name), 'utf8'));

describe('replace', () => {
  test('the volume is cloned with what lies on it, and nothing is written to it', () => {
    const { volume, seen, start } = scene('replace');
    mkdirSync(join(volume, 'etc'));
    expect(start()).toEqual({ patch: ONCE_MOUNTED, notes: [] });
    expect(seen).toContainEqual(['cloneTree', true]);
    expect(layout(volume)).toEqual(['etc']);
  });

  test('a call of the kernel that fails is a refusal, and not a defect', () => {
    const { volume, start } = scene('replace');
    mkdirSync(join(volume, 'etc'));
    const cloneTree: System['cloneTree'] = (folder) => ({
      errno: folder === -1 ? 'EBADF' : 'ENOMEM',
      syscall: 'open_tree',
    });
    expect(() => start({}, { cloneTree })).toThrow(code('ERR_ROOT_MOUNT', 'open_tree: ENOMEM'));
  });

  test.each(['ENOENT', 'ENOTDIR'])('a volume that is replaced while the call is prepared: %s', (errno) => {
    const { volume, start } = scene('replace');
    mkdirSync(join(volume, 'etc'));
    const open: System['open'] = (path, flags, mode) =>
      path === volume ? { errno } : base.open(path, flags, mode);
    expect(() => start({}, { open })).toThrow(code('ERR_HOST_CHANGED'));
  });

  test('without a namespace the path stays, and what is no root is refused all the same', () => {
    const { volume, seen, start } = scene('replace');
    const kernel: Partial<System> = { unshareMounts: () => ({ errno: 'EPERM', syscall: 'unshare' }) };
    expect(() => start({}, kernel)).toThrow(code('ERR_VOLUME_EMPTY'));
    mkdirSync(join(volume, 'etc'));
    const { patch, notes } = start({}, kernel);
    expect(patch).toEqual([]);
    expect(notes).toEqual([{ level: 'debug', msg: expect.stringContaining('unshare: EPERM') }]);
    expect(seen.map(([name]) => name)).not.toContain('cloneTree');
    expect(() => start({ otherwise: 'refuse' }, kernel)).toThrow(
      code('ERR_ROOT_NAMESPACE', 'unshare: EPERM'),
    );
  });

  test('for a runtime that opens the root in a later call nothing is mounted, and the volume is looked at all the same', () => {
    const { volume, seen, start } = scene('replace');
    expect(() => start({ byPath: true, onceMounted: [] })).toThrow(code('ERR_VOLUME_EMPTY'));
    mkdirSync(join(volume, 'etc'));
    const { patch, notes } = start({ byPath: true, onceMounted: [] });
    expect(patch).toEqual([]);
    expect(notes).toEqual([
      { level: 'debug', msg: expect.stringContaining('opens the root in a later one') },
    ]);
    expect(seen.map(([name]) => name)).not.toContain('cloneTree');
  });

  test.each<[string, number, Partial<MountRoot>, boolean]>([
    ['somebody', 1000, {}, true],
    ['root, whom nothing else explains it to', 0, {}, false],
    ['somebody who needs the mount', 1000, { otherwise: 'refuse' }, false],
    ['somebody who would have to fill it', 1000, { strategy: 'seed' }, false],
  ])('%s may not look into the volume', (_, uid, more, isTaken) => {
    const { volume, start } = scene('replace');
    const kernel: Partial<System> = {
      geteuid: () => uid,
      unshareMounts: () => ({ errno: 'EPERM', syscall: 'unshare' }),
      open: (path, flags, mode) => (path === volume ? { errno: 'EACCES' } : openHere(path, flags, mode)),
    };
    if (isTaken) expect(start(more, kernel)).toMatchObject({ patch: [], notes: [{ level: 'debug' }] });
    else expect(() => start(more, kernel)).toThrow(code('ERR_ROOT_MOUNT', 'EACCES'));
  });

  test('another folder in the place of the pinned one', () => {
    const { volume, start } = scene('replace');
    mkdirSync(join(volume, 'etc'));
    const fstat: System['fstat'] = (fd) =>
      ({ ...(base.fstat(fd) as object), ino: 1n }) as ReturnType<System['fstat']>;
    expect(() => start({}, { fstat })).toThrow(code('ERR_HOST_CHANGED'));
  });

  test('the umask is as it was, whatever comes of it', () => {
    const before = process.umask();
    const { volume, start } = scene('replace');
    expect(() => start()).toThrow();
    expect(process.umask()).toBe(before);
    mkdirSync(join(volume, 'etc'));
    start();
    expect(process.umask()).toBe(before);
  });
});

describe('overlay', () => {
  test('an empty volume gets its layers, the image and the user are recorded', () => {
    const { volume, seen, start } = scene('overlay');
    expect(start()).toEqual({ patch: ONCE_MOUNTED, notes: [] });
    expect(layout(volume)).toEqual(['.ociwrap', 'upper', 'work']);
    expect(record(volume, 'image.json')).toMatchObject({ version: 1, name: 'debian:12' });
    expect(record(volume, 'use.json')).toMatchObject({
      container: 'c1',
      user: 'ns/pod/main',
      strategy: 'overlay',
    });
    const options = seen.flatMap(([name, , key, value]) => (name === 'fsconfig' ? [`${key}=${value}`] : []));
    expect(options).toEqual(expect.arrayContaining(['index=off', 'metacopy=off', 'redirect_dir=off']));
    expect(options.join()).not.toContain('volatile');
  });

  test.each([
    [0o755, 0o755],
    [0o1777, 0o1777],
    [0o700, 0o700],
  ])('a new upper has the mode of the root of the image: %o', (mode, expected) => {
    const { volume, image, start } = scene('overlay');
    base.fchmod(base.open(image, 32) as number, mode);
    start();
    expect(statSync(join(volume, 'upper')).mode & 0o7777).toBe(expected);
  });

  test.each([
    ['what SGS has left', ['upper', 'work', 'merged'], undefined],
    ['a start that was killed', ['work', '.ociwrap'], undefined],
    ['what mkfs has left', ['lost+found'], undefined],
    ['a root file system', ['bin', 'etc'], '"bin", "etc"'],
    ['many things', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'and 2 more'],
    ['an upper, and something of somebody', ['upper', 'note'], undefined],
  ])('a volume with %s', (_, names, refused) => {
    const { volume, start } = scene('overlay');
    for (const name of names) mkdirSync(join(volume, name));
    if (refused === undefined) expect(start().patch).toEqual(ONCE_MOUNTED);
    else expect(() => start()).toThrow(code('ERR_VOLUME_FOREIGN', refused));
    expect(layout(volume)).toEqual(expect.arrayContaining(names));
  });

  test.each<[string, Partial<System>, string]>([
    ['NFS', { statfs: () => ({ ...ext4, type: 0x6969n }) }, 'NFS'],
    ['no extended attributes', { getxattr: () => ({ errno: 'EOPNOTSUPP' }) }, 'extended attributes'],
    ['no types of entries', { entryTypes: () => false }, 'ftype=0'],
  ])('a file system that is no upper: %s', (_, kernel, why) => {
    expect(() => scene('overlay').start({}, kernel)).toThrow(code('ERR_VOLUME_NO_UPPER', why));
  });

  test.each([
    ['no inodes', { freeInodes: 0n }, 'ERR_VOLUME_FULL'],
    ['no blocks', { freeBlocks: 0n }, 'ERR_VOLUME_FULL'],
    ['all of them, and no number of inodes', { inodes: 0n, freeInodes: 0n }, 'ERR_VOLUME_NO_UPPER'],
  ])(
    'the kernel mounts it read-only, for want of a work folder, where the volume has %s',
    (_, more, expected) => {
      const statfs: System['statfs'] = () => ({ ...ext4, ...more, flags: 1 });
      expect(() => scene('overlay').start({}, { statfs })).toThrow(code(expected));
      expect(scene('overlay').start({ readonly: true }, { statfs }).patch).toEqual(ONCE_MOUNTED);
    },
  );

  test.each([
    ['ENOSPC', 'ERR_VOLUME_FULL'],
    ['EINVAL', 'ERR_ROOT_MOUNT'],
  ])('the kernel says %s', (errno, expected) => {
    let count = 0;
    // The first is the question who uses the upper.
    const createFileSystem = () => {
      count += 1;
      return count < 3 ? undefined : { errno };
    };
    expect(() => scene('overlay').start({}, { createFileSystem })).toThrow(code(expected));
  });
});

describe('one container', () => {
  const inUse: Partial<System> = { sleep: () => undefined, createFileSystem: () => ({ errno: 'EBUSY' }) };
  // The tmpfs of the question is created before the overlay.
  const busy = (): Partial<System> => {
    let count = 0;
    const createFileSystem = () => {
      count += 1;
      return count % 2 === 1 ? undefined : { errno: 'EBUSY' };
    };
    return { ...inUse, createFileSystem };
  };

  test('a second start is refused with the name of the first', () => {
    const { start } = scene('overlay');
    start();
    expect(() => start({}, busy())).toThrow(code('ERR_VOLUME_IN_USE', '"c1" ("ns/pod/main")'));
    expect(start().patch).toEqual(ONCE_MOUNTED);
  });

  // The first question is of the volume's own upper.
  const attributes = (): Partial<System> => {
    let count = 0;
    const getxattr = () => {
      count += 1;
      return { errno: count === 1 ? 'ENODATA' : 'ENOTSUP' };
    };
    return { getxattr };
  };

  test.each<[string, () => Partial<System>]>([
    ['it knows no such overlay', () => ({ fsconfig: () => ({ errno: 'EINVAL' }) })],
    ['its tmpfs has no attributes', attributes],
    ['it fails in a way of its own', () => ({ createFileSystem: () => ({ errno: 'EIO' }) })],
  ])('a kernel that does not answer is no free upper: %s', (_, kernel) => {
    const { start } = scene('overlay');
    start();
    expect(() => start({}, kernel())).toThrow(code('ERR_ROOT_MOUNT', 'cannot be asked'));
  });

  test('and without a name where nobody has left one', () => {
    expect(() => scene('overlay').start({}, busy())).toThrow(code('ERR_VOLUME_IN_USE', 'another container'));
  });

  test.each<[string, object, object, boolean]>([
    ['of this node, on a file system of several', {}, gpfs, false],
    ['of another node, on a file system of one', { node: 'far' }, ext4, false],
    ['of another node, on a file system of several', { node: 'far' }, gpfs, true],
  ])('a record %s', (_, more, fileSystem, isRefused) => {
    const { volume, start } = scene('overlay');
    start();
    const path = join(volume, '.ociwrap/use.json');
    writeFileSync(path, JSON.stringify({ ...record(volume, 'use.json'), ...more }));
    const statfs: System['statfs'] = () => ({ ...ext4, ...fileSystem });
    if (isRefused) expect(() => start({}, { statfs })).toThrow(code('ERR_VOLUME_LEASED', '"far"'));
    else expect(start({}, { statfs }).patch).toEqual(ONCE_MOUNTED);
  });

  test('who holds the lock is waited for, and not for ever', () => {
    let slept = 0;
    const kernel: Partial<System> = {
      tryLock: () => false,
      sleep: (milliseconds) => {
        slept += milliseconds;
      },
    };
    expect(() => scene('overlay').start({}, kernel)).toThrow(code('ERR_VOLUME_BUSY'));
    expect(slept).toBeGreaterThanOrEqual(5000);
  });
});

describe('another image below', () => {
  test.each([
    ['keep', 'debian:13', [], true],
    ['warn', 'debian:13', [expect.stringContaining('was "debian:12" and is "debian:13"')], true],
    ['refuse', 'debian:13', [], false],
    ['warn', 'debian:12', [], true],
    ['refuse', 'debian:12', [], true],
  ] as const)('%s, %s', (imageChange, imageName, warnings, starts) => {
    const { volume, start } = scene('overlay');
    start();
    if (!starts) {
      expect(() => start({ imageChange, imageName })).toThrow(code('ERR_IMAGE_CHANGED', 'debian:13'));
      expect(record(volume, 'image.json').name).toBe('debian:12');
      return;
    }
    expect(start({ imageChange, imageName }).notes.map(({ msg }) => msg)).toEqual(warnings);
    expect(record(volume, 'image.json').name).toBe(imageName);
    expect(start({ imageChange, imageName }).notes).toEqual([]);
  });

  test('a start that fails leaves the warning to the next one', () => {
    const { volume, start } = scene('overlay');
    start();
    const moveMount: System['moveMount'] = (mount) => ({ errno: mount === -1 ? 'EBADF' : 'EIO' });
    expect(() => start({ imageName: 'debian:13' }, { moveMount })).toThrow(code('ERR_ROOT_MOUNT'));
    expect(record(volume, 'image.json').name).toBe('debian:12');
    expect(start({ imageName: 'debian:13' }).notes).toHaveLength(1);
  });

  test('of the same name and other content', () => {
    const { image, start } = scene('overlay');
    start();
    writeFileSync(join(image, 'etc/passwd'), 'root:');
    expect(start().notes).toEqual([{ level: 'warn', msg: expect.stringContaining('has other content') }]);
  });
});

describe('another image than a volume was filled from', () => {
  const filled = (image: object | undefined) => {
    const made = scene('seed');
    for (const name of ['etc', '.ociwrap']) mkdirSync(join(made.volume, name));
    const text = JSON.stringify({ version: 1, state: 'filled', bootId: 'b', image });
    if (image !== undefined) writeFileSync(join(made.volume, '.ociwrap/seed.json'), text);
    return made;
  };
  const OTHER = { name: 'debian:11', fingerprint: '0' };

  test.each([
    ['keep', OTHER, []],
    ['warn', OTHER, [expect.stringContaining('was "debian:11" and is "debian:12": nothing of the new one')]],
    ['warn', { ...OTHER, name: null }, [expect.stringContaining('was "0" and is "debian:12"')]],
    ['warn', { ...OTHER, name: 'debian:12' }, [expect.stringContaining('"debian:12" has other content')]],
    ['refuse', undefined, []],
  ] as const)('%s, %j', (imageChange, image, warnings) => {
    const { patch, notes } = filled(image).start({ imageChange });
    expect(patch).toEqual(ONCE_MOUNTED);
    expect(notes.map(({ msg }) => msg)).toEqual(warnings);
  });

  test('refuse', () => {
    expect(() => filled(OTHER).start({ imageChange: 'refuse' })).toThrow(
      code('ERR_IMAGE_CHANGED', 'was "debian:11" and is "debian:12"'),
    );
  });
});
