import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test as always, beforeEach, expect } from '@jest/globals';
import { loadBundle, readBundleConfig, saveConfig } from '../src/bundle.js';
import { errorOf } from './document-text.js';

const isRoot = process.getuid?.() === 0;
// A developer need not be root; in CI these must run, so that they cannot be lost there unnoticed.
const test = isRoot || process.env['CI'] === 'true' ? always : always.skip;

const TEXT = '{"ociVersion": "1.2.0", "root": {"path": "rootfs"}}\n';
let dir: string;

const run = (program: string, ...args: string[]): void => {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  expect({ program, status, stderr }).toMatchObject({ status: 0 });
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bundle-'));
  writeFileSync(join(dir, 'config.json'), TEXT);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the owner of the file stays', () => {
  chmodSync(join(dir, 'config.json'), 0o640);
  chownSync(join(dir, 'config.json'), 1234, 2345);
  const bundle = loadBundle(dir);
  saveConfig(bundle, bundle.document.apply([{ op: 'add', path: '/hostname', value: 'web' }]));
  const { uid, gid, mode } = statSync(join(dir, 'config.json'));
  expect({ uid, gid, mode: mode & 0o7777 }).toStrictEqual({ uid: 1234, gid: 2345, mode: 0o640 });
});

test('a file that may not be read is refused as such', () => {
  chmodSync(join(dir, 'config.json'), 0);
  chmodSync(dir, 0o755);
  process.seteuid?.(65534);
  try {
    expect(errorOf(() => readBundleConfig(dir))).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      details: { path: join(dir, 'config.json'), errno: 'EACCES' },
    });
  } finally {
    process.seteuid?.(0);
  }
});

test('a device is refused and not read', () => {
  rmSync(join(dir, 'config.json'));
  run('mknod', join(dir, 'config.json'), 'c', '1', '5');
  expect(errorOf(() => readBundleConfig(dir))).toMatchObject({ code: 'ERR_CONFIG_NOT_REGULAR' });
});

/** Mounts a tmpfs of so many KiB on a bundle, with the file in it. */
function onSmallDisk(work: (bundleDir: string) => void): void {
  const mounted = join(dir, 'mounted');
  mkdirSync(mounted);
  run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mounted);
  try {
    writeFileSync(join(mounted, 'config.json'), TEXT);
    work(mounted);
  } finally {
    run('umount', mounted);
  }
}

test('a full disk leaves the old file whole and no litter', () => {
  onSmallDisk((mounted) => {
    const bundle = loadBundle(mounted);
    const next = bundle.document.apply([{ op: 'add', path: '/hostname', value: 'x'.repeat(100_000) }]);
    expect(errorOf(() => saveConfig(bundle, next))).toMatchObject({
      code: 'ERR_CONFIG_WRITE',
      details: { path: join(mounted, 'config.json'), errno: 'ENOSPC' },
      cause: expect.objectContaining({ code: 'ENOSPC', syscall: 'write' }),
    });
    expect(readFileSync(join(mounted, 'config.json'), 'utf8')).toBe(TEXT);
    expect(readdirSync(mounted)).toStrictEqual(['config.json']);
  });
});

test('a read-only file system leaves the old file whole and no litter', () => {
  onSmallDisk((mounted) => {
    const bundle = loadBundle(mounted);
    run('mount', '-o', 'remount,ro', mounted);
    const next = bundle.document.apply([{ op: 'add', path: '/hostname', value: 'web' }]);
    expect(errorOf(() => saveConfig(bundle, next))).toMatchObject({
      code: 'ERR_CONFIG_WRITE',
      cause: expect.objectContaining({ code: 'EROFS' }),
    });
    expect(readFileSync(join(mounted, 'config.json'), 'utf8')).toBe(TEXT);
    expect(readdirSync(mounted)).toStrictEqual(['config.json']);
  });
});
