import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import {
  type ExpectedEntry,
  listBeneath,
  lookBeneath,
  type RootFolder,
  removeBeneath,
} from '../src/index.js';
import { caughtError } from './caught-error.js';
import { addonFile, buildAddon } from './native-build.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
const volume = join(folder, 'volume');
const outside = join(folder, 'outside');
const rootOf = (path: string): RootFolder => {
  const { dev, ino } = statSync(path, { bigint: true });
  return { path, dev, ino };
};
let root: RootFolder;

beforeAll(() => {
  buildAddon();
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), '');
}, 60_000);

beforeEach(() => {
  rmSync(volume, { recursive: true, force: true });
  mkdirSync(join(volume, 'lib/empty'), { recursive: true });
  mkdirSync(join(volume, 'lib/full'));
  writeFileSync(join(volume, 'lib/full/x'), '');
  writeFileSync(join(volume, 'lib/zero'), '');
  writeFileSync(join(volume, 'lib/text'), 'kept');
  symlinkSync('libcuda.so.1', join(volume, 'lib/libcuda.so'));
  symlinkSync(outside, join(volume, 'evil'));
  symlinkSync('lib', join(volume, 'alias'));
  root = rootOf(volume);
});

const link = (target: string): ExpectedEntry => ({ kind: 'symlink', target });
const kind = (name: 'empty-file' | 'file' | 'empty-directory'): ExpectedEntry => ({ kind: name });

describe('removeBeneath', () => {
  test.each<[string, ExpectedEntry]>([
    ['lib/zero', kind('empty-file')],
    ['lib/zero', kind('file')],
    ['lib/text', kind('file')],
    ['lib/empty', kind('empty-directory')],
    ['lib/libcuda.so', link('libcuda.so.1')],
    ['evil', link(outside)],
    ['lib/../lib/zero', kind('empty-file')],
  ])('removes %s, which is %j', (path, expected) => {
    expect(removeBeneath(root, path, expected)).toBe('removed');
    expect(lstatSync(join(volume, path), { throwIfNoEntry: false })).toBeUndefined();
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  test.each<[string, ExpectedEntry]>([
    ['lib/text', kind('empty-file')],
    ['lib/empty', kind('empty-file')],
    ['lib/libcuda.so', kind('empty-file')],
    ['lib/libcuda.so', kind('file')],
    ['lib/libcuda.so', link('libcuda.so.2')],
    ['lib/libcuda.so', link('libcuda.so.12')],
    ['lib/libcuda.so', link('libcuda.so')],
    ['lib/zero', link('libcuda.so.1')],
    ['lib/full', kind('empty-directory')],
    ['lib/zero', kind('empty-directory')],
    ['evil', kind('empty-directory')],
  ])('leaves %s, which is not %j', (path, expected) => {
    expect(removeBeneath(root, path, expected)).toBe('different');
    expect(lstatSync(join(volume, path), { throwIfNoEntry: false })).toBeDefined();
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  test.each([['lib/none'], ['none/zero'], ['lib/zero/below']])('%s is not there', (path) => {
    expect(removeBeneath(root, path, kind('file'))).toBe('missing');
  });

  test.each([
    ['ELOOP', 'evil/precious'],
    ['ELOOP', 'alias/zero'],
    ['EXDEV', '../outside/precious'],
    ['EXDEV', '/etc/passwd'],
    ['EINVAL', ''],
    ['EINVAL', '.'],
    ['EINVAL', 'lib/..'],
    ['EINVAL', 'lib/'],
  ])('%s: %j', (code, path) => {
    expect(caughtError(() => removeBeneath(root, path, kind('empty-file')))).toMatchObject({ code });
    expect(readdirSync(outside)).toEqual(['precious']);
    expect(existsSync(join(volume, 'lib/zero'))).toBe(true);
  });

  test('a file with another name elsewhere loses this name only', () => {
    linkSync(join(outside, 'precious'), join(volume, 'lib/linked'));
    expect(removeBeneath(root, 'lib/linked', kind('empty-file'))).toBe('removed');
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  test('a root that another folder, or a link, has taken the place of', () => {
    renameSync(volume, join(folder, 'moved'));
    mkdirSync(join(volume, 'lib'), { recursive: true });
    writeFileSync(join(volume, 'lib/zero'), '');
    const remove = () => removeBeneath(root, 'lib/zero', kind('empty-file'));
    expect(caughtError(remove)).toMatchObject({ code: 'ESTALE', path: volume });
    rmSync(volume, { recursive: true });
    symlinkSync(join(folder, 'moved'), volume);
    expect(caughtError(remove)).toMatchObject({ code: 'ENOTDIR' });
    rmSync(volume);
    expect(caughtError(remove)).toMatchObject({ code: 'ENOENT' });
    expect(existsSync(join(folder, 'moved/lib/zero'))).toBe(true);
    rmSync(join(folder, 'moved'), { recursive: true });
  });

  test.each([
    ['ERR_INVALID_ARG_TYPE', { path: '/', dev: 1, ino: 1n }, 'x'],
    ['ERR_INVALID_ARG_TYPE', { path: '/', dev: 1n, ino: 1n }, 7],
    ['ERR_INVALID_ARG_VALUE', { path: '/', dev: 1n, ino: 1n }, 'a\0'],
  ])('%s: %o %j', (code, wrong, path) => {
    const call = () => removeBeneath(wrong as RootFolder, path as string, kind('file'));
    expect(caughtError(call)).toMatchObject({ code });
  });
});

/** Far more than it takes to meet each of the three some dozens of times. */
const ATTEMPTS = 200_000;

test('while somebody swaps a folder for a link to another, nothing of the other is ever removed', async () => {
  // A thread that renames as fast as it can: removals meet the folder, the link, and the moment between.
  const shared = new SharedArrayBuffer(4);
  const swap = `const { renameSync } = require('node:fs');
    const { volume, shared } = require('node:worker_threads').workerData;
    const stop = new Int32Array(shared);
    const swap = (from, to) => renameSync(volume + '/' + from, volume + '/' + to);
    while (Atomics.load(stop, 0) === 0) {
      swap('lib', 'real'); swap('evil', 'lib'); swap('lib', 'evil'); swap('real', 'lib');
    }`;
  const swapper = new Worker(swap, { eval: true, workerData: { volume, shared } });
  const ended = new Promise((resolve) => swapper.on('exit', resolve));
  const seen = new Map<unknown, number>();
  const often = (outcome: string) => (seen.get(outcome) ?? 0) >= 50;
  try {
    for (let attempt = 0; attempt < ATTEMPTS && !(often('ELOOP') && often('removed')); attempt++) {
      writeFileSync(join(outside, 'precious'), '');
      const outcome = caughtOr(() => removeBeneath(root, 'lib/precious', kind('empty-file')));
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      expect(readdirSync(outside)).toEqual(['precious']);
      if (outcome === 'missing') plant();
    }
  } finally {
    Atomics.store(new Int32Array(shared), 0, 1);
    await ended;
  }
  expect([...seen.keys()].sort()).toEqual(['ELOOP', 'missing', 'removed']);
}, 60_000);

/** A file of that name in the folder, wherever it is right now. */
function plant(): void {
  for (const place of ['lib', 'real']) {
    const isFolder = lstatSync(join(volume, place), { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isFolder) caughtOr(() => writeFileSync(join(volume, place, 'precious'), '', { flag: 'wx' }));
  }
}

function caughtOr<T>(act: () => T): unknown {
  try {
    return act();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe('lookBeneath', () => {
  test.each([
    ['lib', { type: 'directory' }],
    ['lib/zero', { type: 'file', size: 0n }],
    ['lib/text', { type: 'file', size: 4n }],
    ['evil', { type: 'symlink', target: Buffer.from(outside) }],
  ])('%s', (path, entry) => {
    expect(lookBeneath(root, path)).toMatchObject(entry);
  });

  test('nothing, and what may not be reached', () => {
    expect(lookBeneath(root, 'lib/none')).toBeUndefined();
    expect(lookBeneath(root, 'lib/zero/none')).toBeUndefined();
    expect(caughtError(() => lookBeneath(root, 'evil/precious'))).toMatchObject({
      code: 'ELOOP',
      path: 'evil/precious',
    });
    expect(lookBeneath(rootOf('/dev'), 'null')).toMatchObject({ type: 'other' });
  });

  test('what another file system is mounted on is not of this one', () => {
    const top = rootOf('/');
    expect(caughtError(() => lookBeneath(top, 'proc'))).toMatchObject({ code: 'EXDEV' });
    expect(caughtError(() => lookBeneath(top, 'proc/self'))).toMatchObject({ code: 'EXDEV' });
    expect(caughtError(() => removeBeneath(top, 'proc/version', kind('file')))).toMatchObject({
      code: 'EXDEV',
    });
  });
});

describe('listBeneath', () => {
  const names = (path: string, limit = 100) =>
    listBeneath(root, path, limit)
      .map((name) => Buffer.from(name).toString())
      .sort();

  test('names of a folder, of the root, and never more than asked for', () => {
    expect(names('lib')).toEqual(['empty', 'full', 'libcuda.so', 'text', 'zero']);
    expect(names('.')).toEqual(['alias', 'evil', 'lib']);
    expect(names('lib', 2)).toHaveLength(2);
    expect(names('lib', 0)).toEqual([]);
  });

  test('a folder of many names is listed whole', () => {
    const wanted = Array.from({ length: 2500 }, (_, index) => `zz-nvcr-${index}.conf`).sort();
    for (const name of wanted) writeFileSync(join(volume, 'lib/empty', name), '');
    expect(names('lib/empty', 10_000)).toEqual(wanted);
  });

  test('names that are not UTF-8 keep their bytes', () => {
    const odd = Buffer.concat([Buffer.from(join(volume, 'lib/empty/')), Buffer.from([0xff, 0x41])]);
    writeFileSync(odd, '');
    expect(listBeneath(root, 'lib/empty', 10)).toEqual([Buffer.from([0xff, 0x41])]);
    expect(
      removeBeneath(root, Buffer.from([...Buffer.from('lib/empty/'), 0xff, 0x41]), kind('empty-file')),
    ).toBe('removed');
  });

  test.each([
    ['ENOENT', 'none'],
    ['ENOTDIR', 'lib/zero'],
    ['ELOOP', 'evil'],
    ['ELOOP', 'alias/empty'],
    ['EXDEV', '..'],
  ])('%s: %s', (code, path) => {
    expect(caughtError(() => listBeneath(root, path, 10))).toMatchObject({ code });
  });

  test.each([[-1], [1.5], [2 ** 32], [Number.NaN]])('a limit of %p', (limit) => {
    expect(caughtError(() => listBeneath(root, '.', limit))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });
});

const isRoot = process.getuid?.() === 0;
// A developer need not be root; in CI these must run, so that they cannot be lost there unnoticed.
(isRoot || process.env['CI'] === 'true' ? describe : describe.skip)('mounts (as root)', () => {
  /** Runs code with the addon in a mount namespace that `commands` have prepared. */
  const within = (commands: string, path: string, expected: string) => {
    const code = `const module = { exports: {} }; process.dlopen(module, ${JSON.stringify(addonFile)});
      const bytes = (text) => new TextEncoder().encode(text);
      const { dev, ino } = require('fs').statSync(${JSON.stringify(volume)}, { bigint: true });
      const said = module.exports.removeBeneath(bytes(${JSON.stringify(volume)}), dev, ino, bytes(${JSON.stringify(path)}),
        ${JSON.stringify(expected)}, undefined);
      console.log(typeof said === 'string' ? said : require('util').getSystemErrorName(said.errno));`;
    const script = `cd ${volume} && ${commands} && exec "$0" -e "$1"`;
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, code],
      { encoding: 'utf8' },
    );
    return { stdout: stdout.trim(), stderr };
  };

  test.each([
    ['EXDEV', 'mount -t tmpfs none lib && touch lib/zero', 'lib/zero', 'empty-file'],
    ['EXDEV', `mount --bind ${outside} lib`, 'lib/precious', 'empty-file'],
    ['EXDEV', 'mount -t tmpfs none lib/empty', 'lib/empty', 'empty-directory'],
    ['EXDEV', 'mount --bind lib/text lib/zero', 'lib/zero', 'file'],
    ['removed', 'true', 'lib/zero', 'empty-file'],
  ])('%s: %s', (said, commands, path, expected) => {
    expect(within(commands, path, expected)).toEqual({ stdout: said, stderr: '' });
    expect(existsSync(join(outside, 'precious'))).toBe(true);
    expect(readFileSync(join(volume, 'lib/text'), 'utf8')).toBe('kept');
  });
});
