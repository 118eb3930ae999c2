import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkReplaceable, loadBundle, readBundleConfig, saveConfig } from '../src/bundle.js';
import { errorOf } from './document-text.js';

const TEXT = '{"ociVersion": "1.2.0", "root": {"path": "rootfs"}}\n';
let dir: string;
let config: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bundle-'));
  config = join(dir, 'config.json');
  writeFileSync(config, TEXT);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const edited = (path = '/mnt/volume') => {
  const bundle = loadBundle(dir);
  return { bundle, next: bundle.document.apply([{ op: 'replace', path: '/root/path', value: path }]) };
};
const rewritten = TEXT.replace('"rootfs"', '"/mnt/volume"');

describe('readBundleConfig', () => {
  test('reads the bytes, and which file they are in', () => {
    chmodSync(config, 0o640);
    const stat = statSync(config, { bigint: true });
    expect(readBundleConfig(dir)).toStrictEqual({
      dir,
      bytes: new TextEncoder().encode(TEXT),
      id: { dev: stat.dev, ino: stat.ino },
      mode: 0o640,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
    });
  });

  test('takes a folder whose name is not UTF-8', () => {
    const odd = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xe9])]);
    mkdirSync(odd);
    renameSync(config, Buffer.concat([odd, Buffer.from('/config.json')]));
    expect(readBundleConfig(odd).bytes).toStrictEqual(new TextEncoder().encode(TEXT));
    expect(loadBundle(new Uint8Array(odd)).document.spec.root?.path).toBe('rootfs');
  });

  test('reads an empty file', () => {
    writeFileSync(config, '');
    expect(readBundleConfig(dir).bytes).toHaveLength(0);
    expect(errorOf(() => loadBundle(dir))).toMatchObject({
      code: 'ERR_SPEC_SYNTAX',
      details: { name: config },
    });
  });

  test('reads a file larger than one buffer', () => {
    const large = `{"x":"${'é'.repeat(300_000)}"}`;
    writeFileSync(config, large);
    expect(new TextDecoder().decode(readBundleConfig(dir).bytes)).toBe(large);
  });

  // Each row puts something else in the place of config.json.
  const obstacles: [name: string, put: () => void, code: string][] = [
    ['nothing', () => undefined, 'ERR_CONFIG_MISSING'],
    ['a symlink to nothing', () => symlinkSync('nowhere', config), 'ERR_CONFIG_MISSING'],
    ['a symlink to itself', () => symlinkSync('config.json', config), 'ERR_CONFIG_UNREADABLE'],
    ['a symlink to a folder', () => symlinkSync('.', config), 'ERR_CONFIG_NOT_REGULAR'],
    [
      'a symlink to a FIFO',
      () => {
        expect(spawnSync('mkfifo', [join(dir, 'pipe')]).status).toBe(0);
        symlinkSync('pipe', config);
      },
      'ERR_CONFIG_NOT_REGULAR',
    ],
    ['a symlink to a device', () => symlinkSync('/dev/zero', config), 'ERR_CONFIG_NOT_REGULAR'],
    ['a folder', () => mkdirSync(config), 'ERR_CONFIG_NOT_REGULAR'],
    ['a FIFO', () => expect(spawnSync('mkfifo', [config]).status).toBe(0), 'ERR_CONFIG_NOT_REGULAR'],
    [
      'a file of more than 256 MiB',
      () => expect(spawnSync('truncate', ['-s', String(256 * 1024 * 1024 + 1), config]).status).toBe(0),
      'ERR_CONFIG_UNREADABLE',
    ],
  ];
  test.each(obstacles)('refuses %s', (_name, put, code) => {
    renameSync(config, join(dir, 'good'));
    put();
    const error = errorOf(() => readBundleConfig(dir));
    expect(error).toMatchObject({ code, details: { path: config } });
    expect((error as Error).message).toContain(config);
  });

  test.each([
    ['relative', 'good'],
    ['absolute', ''],
    ['by way of another', 'second'],
  ])('reads through a symlink: %s', (_name, target) => {
    const good = join(dir, 'good');
    renameSync(config, good);
    symlinkSync('good', join(dir, 'second'));
    symlinkSync(target === '' ? good : target, config);
    const { ino } = statSync(good, { bigint: true });
    expect(readBundleConfig(dir)).toMatchObject({ throughSymlink: true, id: { ino } });
    expect(loadBundle(dir).document.spec.root?.path).toBe('rootfs');
  });

  test('reads a hard link, and a bundle whose folder is a symlink, as any file', () => {
    linkSync(config, join(dir, 'twin'));
    const other = `${dir}-link`;
    symlinkSync(dir, other);
    expect(readBundleConfig(other)).not.toHaveProperty('throughSymlink');
    rmSync(other);
  });

  test('refuses a socket', async () => {
    rmSync(config);
    const server = createServer();
    await new Promise<void>((done) => server.listen(config, done));
    expect(errorOf(() => readBundleConfig(dir))).toMatchObject({ code: 'ERR_CONFIG_NOT_REGULAR' });
    await new Promise((done) => server.close(done));
  });

  test.each([
    ['a folder that does not exist', 'missing'],
    ['a folder that is a file', 'config.json'],
  ])('refuses %s', (_name, name) => {
    expect(errorOf(() => readBundleConfig(join(dir, name)))).toMatchObject({
      code: 'ERR_CONFIG_MISSING',
      cause: expect.objectContaining({ syscall: 'open' }),
    });
  });
});

describe('saveConfig', () => {
  test('replaces the file', () => {
    const { bundle, next } = edited();
    expect(saveConfig(bundle, next)).toBe('written');
    expect(readFileSync(config, 'utf8')).toBe(rewritten);
    expect(readdirSync(dir)).toStrictEqual(['config.json']);
  });

  test.each([
    ['who may read it still may', 0o644, 0o644],
    ['who may not still may not', 0o600, 0o600],
    ['a group may read it', 0o640, 0o640],
    ['nobody but the owner may write it', 0o666, 0o644],
    ['no bit that means nothing here stays', 0o6777, 0o755],
    ['the owner may write it no more than before', 0o444, 0o444],
  ])('%s: mode %o becomes %o, whatever the umask', (_name, before, after) => {
    chmodSync(config, before);
    const { bundle, next } = edited();
    const umask = process.umask(0o077);
    expect(saveConfig(bundle, next)).toBe('written');
    process.umask(umask);
    expect(statSync(config).mode & 0o7777).toBe(after);
  });

  test('makes it private on demand', () => {
    chmodSync(config, 0o644);
    const { bundle, next } = edited();
    expect(saveConfig(bundle, next, { mode: 'private' })).toBe('written');
    expect(statSync(config).mode & 0o7777).toBe(0o600);
  });

  test('never replaces a symlink, nor what it leads to', () => {
    const good = join(dir, 'good');
    renameSync(config, good);
    symlinkSync('good', config);
    const { bundle, next } = edited();
    expect(errorOf(() => saveConfig(bundle, next))).toMatchObject({ code: 'ERR_CONFIG_NOT_REGULAR' });
    expect(errorOf(() => checkReplaceable(bundle))).toMatchObject({ code: 'ERR_CONFIG_NOT_REGULAR' });
    expect(saveConfig(bundle, bundle.document)).toBe('unchanged');
    expect(readFileSync(good, 'utf8')).toBe(TEXT);
    expect(readdirSync(dir).sort()).toStrictEqual(['config.json', 'good']);
  });

  test('replaces one name of two, and the other keeps its file', () => {
    linkSync(config, join(dir, 'twin'));
    const { bundle, next } = edited();
    expect(saveConfig(bundle, next)).toBe('written');
    expect(readFileSync(join(dir, 'twin'), 'utf8')).toBe(TEXT);
    expect(readFileSync(config, 'utf8')).toBe(rewritten);
  });

  test('touches nothing when the bytes are the same', () => {
    chmodSync(config, 0o644);
    utimesSync(config, 1, 2);
    const before = statSync(config, { bigint: true });
    const bundle = loadBundle(dir);
    const same = bundle.document.apply([{ op: 'replace', path: '/root/path', value: 'rootfs' }]);
    expect(same).not.toBe(bundle.document);
    expect(saveConfig(bundle, same)).toBe('unchanged');
    const { ino, mode, mtimeNs, ctimeNs } = statSync(config, { bigint: true });
    expect({ ino, mode, mtimeNs, ctimeNs }).toStrictEqual({
      ino: before.ino,
      mode: before.mode,
      mtimeNs: before.mtimeNs,
      ctimeNs: before.ctimeNs,
    });
  });

  const bytesAt = (name: string) => Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(name, 'latin1')]);
  const ours = (suffix = '') => join(dir, `.config.json.ociwrap-${process.pid}${suffix}`);
  test.each<[string, () => void]>([
    ['a file', () => writeFileSync(join(dir, '.config.json.ociwrap-1'), 'half', { mode: 0o400 })],
    ['a file of an older release', () => writeFileSync(join(dir, '.config.json.ociwrap'), 'half')],
    ['a file of the name that this run would take', () => writeFileSync(ours(), 'half', { mode: 0o400 })],
    [
      'several files',
      () => {
        for (const suffix of ['', '-1', '-2']) writeFileSync(ours(suffix), 'half');
      },
    ],
    ['a file whose name is not UTF-8', () => writeFileSync(bytesAt('.config.json.ociwrap-\xff'), 'half')],
    ['a symlink, which is not followed', () => symlinkSync(join(dir, 'victim'), ours())],
  ])('takes away what a killed run left: %s', (_name, leave) => {
    leave();
    const { bundle, next } = edited();
    expect(saveConfig(bundle, next)).toBe('written');
    expect(readFileSync(config, 'utf8')).toBe(rewritten);
    expect(readdirSync(dir)).toStrictEqual(['config.json']);
  });

  // Each row is what another program does between our reading and our writing.
  const changes: [name: string, change: () => void][] = [
    [
      'replaced',
      () => {
        writeFileSync(join(dir, 'new'), TEXT);
        renameSync(join(dir, 'new'), config);
      },
    ],
    ['rewritten in place', () => writeFileSync(config, TEXT.replace('rootfs', 'rootfx'))],
    ['taken away', () => rmSync(config)],
    [
      'replaced by a symlink',
      () => {
        renameSync(config, join(dir, 'other'));
        symlinkSync('other', config);
      },
    ],
  ];
  test.each(changes)('refuses when the file was %s since', (_name, change) => {
    const { bundle, next } = edited();
    change();
    const before = existsSync(config) ? readFileSync(config, 'utf8') : undefined;
    expect(errorOf(() => saveConfig(bundle, next))).toMatchObject({ code: 'ERR_CONFIG_CHANGED' });
    expect(existsSync(config) ? readFileSync(config, 'utf8') : undefined).toBe(before);
    expect(readdirSync(dir).filter((name) => name.startsWith('.config.json.ociwrap'))).toEqual([]);
  });

  test("a folder that has the name of a temporary file is in nobody's way, and stays", () => {
    mkdirSync(ours());
    const { bundle, next } = edited();
    expect(saveConfig(bundle, next)).toBe('written');
    expect(readFileSync(config, 'utf8')).toBe(rewritten);
    expect(readdirSync(dir).sort()).toEqual([`.config.json.ociwrap-${process.pid}`, 'config.json']);
  });
});
