import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type MemoryHostOptions, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import fc from 'fast-check';

describe('memoryHost agrees with the file system of the machine', () => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'memory-host-')));
  afterAll(() => rmSync(top, { recursive: true }));

  const symlinks: Readonly<Record<string, string>> = {
    relative: 'dir/sub',
    absolute: `${top}/dir`,
    up: '../../dir',
    loop: 'loop',
    ping: 'dir/pong',
    'dir/pong': '../ping',
    dangling: 'nothing/here',
    'dir/self': '.',
    toFile: 'dir/file',
  };
  mkdirSync(`${top}/dir/sub`, { recursive: true });
  writeFileSync(`${top}/dir/file`, 'content');
  for (const [path, target] of Object.entries(symlinks)) symlinkSync(target, `${top}/${path}`);
  const host = memoryHost({
    directories: [`${top}/dir/sub`],
    files: { [`${top}/dir/file`]: 'content' },
    symlinks: Object.fromEntries(
      Object.entries(symlinks).map(([path, target]) => [`${top}/${path}`, target]),
    ),
  });

  const outcome = (look: () => unknown) => {
    try {
      return look();
    } catch (error) {
      const code: unknown = Reflect.get(error as object, 'code');
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : code;
    }
  };
  const typeOf = (path: string) => {
    const entry = lstatSync(path);
    return entry.isSymbolicLink() ? 'symlink' : entry.isDirectory() ? 'directory' : 'file';
  };

  const names = ['dir', 'sub', 'file', '.', '..', 'missing', 'self', 'pong', ...Object.keys(symlinks)];
  const paths = fc
    .tuple(
      fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('', '/', '/.'),
    )
    .map(([parts, end]) => `${top}/${parts.join('/')}${end}`)
    // Above the folder of the test the machine has more than the host in memory.
    .filter((path) => !join(path).endsWith('..') && join(path).startsWith(top));

  test('on what a path names, where it leads and what is in it', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const real = outcome(() => realpathSync.native(path));
        fc.pre(typeof real !== 'string' || real.startsWith(top));
        expect(outcome(() => host.realpath(path))).toBe(real);
        expect(outcome(() => host.lstat(path)?.type)).toBe(outcome(() => typeOf(path)));
        expect(outcome(() => host.readDirectory(path)?.toSorted())).toEqual(
          outcome(() => readdirSync(path).sort()),
        );
        const bytes = outcome(() => host.readFile(path));
        expect(bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : bytes).toBe(
          outcome(() => readFileSync(path, 'utf8')),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('memoryHost', () => {
  const options: MemoryHostOptions = {
    directories: ['/k/a/b'],
    files: { '/k/file': 'x' },
    symlinks: { '/k/link': 'a' },
    mounts: ['/k/a', { mountPoint: '/k/m', fsType: 'nfs4' }],
    failures: { '/k/secret': 'EACCES' },
  };
  const host = memoryHost(options);

  test.each<[string, string, string]>([
    ['an absolute path', '/k/a', 'EXDEV'],
    ['a path that leaves the root', 'a/../../k', 'EXDEV'],
    ['a symlink', 'link', 'ELOOP'],
    ['a symlink on the way', 'link/b', 'ELOOP'],
    ['a file', 'file', 'ENOTDIR'],
    ['a file on the way', 'file/x', 'ENOTDIR'],
    ['nothing', 'missing', 'ENOENT'],
    ['what may not be looked at', 'secret', 'EACCES'],
  ])('resolveBeneath fails as openat2 does: %s', (_, path, code) => {
    expect(() => host.resolveBeneath('/k', path)).toThrow(
      expect.objectContaining({ code, syscall: 'openat2' }),
    );
  });

  test.each(['a/b', 'a/./b', 'a/b/../b', 'a//b/'])('resolveBeneath finds %s', (path) => {
    const { dev, ino } = host.lstat('/k/a/b') ?? {};
    expect(host.resolveBeneath('/k', path)).toEqual({ path: '/k/a/b', dev, ino, isMountRoot: false });
  });

  test('resolveBeneath says where a mount begins', () => {
    expect(host.resolveBeneath('/k', 'm')).toMatchObject({ isMountRoot: true });
  });

  test('what is mounted has a device of its own, and equal options equal numbers', () => {
    const devices = ['/k', '/k/a', '/k/a/b', '/k/m'].map((path) => host.lstat(path)?.dev);
    expect(devices[1]).toBe(devices[2]);
    expect(new Set(devices).size).toBe(3);
    expect(memoryHost(options).lstat('/k/a/b')).toEqual(host.lstat('/k/a/b'));
    expect(host.mountInfo().map(({ mountPoint, fsType }) => [mountPoint, fsType])).toEqual([
      ['/', 'ext4'],
      ['/k/a', 'ext4'],
      ['/k/m', 'nfs4'],
    ]);
  });

  test('a device has numbers, those of a disk where none are given', () => {
    const devices = memoryHost({
      devices: ['/dev/sda', { path: '/dev/kvm', kind: 'character', major: 10, minor: 232 }],
    });
    expect(devices.lstat('/dev/sda')?.device).toEqual({ kind: 'block', major: 8, minor: 0 });
    expect(devices.lstat('/dev/kvm')?.device).toEqual({ kind: 'character', major: 10, minor: 232 });
    expect(devices.lstat('/dev')).not.toHaveProperty('device');
  });

  test('a failure hits what lies below, too', () => {
    expect(() => host.lstat('/k/secret/x')).toThrow(expect.objectContaining({ code: 'EACCES', errno: -13 }));
    expect(host.lstat('/k/other')).toBeUndefined();
  });
});
