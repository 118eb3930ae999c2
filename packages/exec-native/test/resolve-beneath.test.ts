import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { resolveBeneath } from '../src/index.js';
import { loadAddon } from '../src/load-addon.js';
import { caughtError } from './caught-error.js';
import { buildAddon } from './native-build.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
const root = join(folder, 'root');
beforeAll(() => {
  buildAddon();
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  mkdirSync(join(folder, 'outside'));
  writeFileSync(join(root, 'a/file'), '');
  symlinkSync('b', join(root, 'a/link'));
  symlinkSync('/', join(root, 'a/absolute'));
  symlinkSync(root, join(folder, 'linked-root'));
}, 60_000);

const identity = (path: string) => {
  const { dev, ino } = statSync(path, { bigint: true });
  return { dev, ino };
};

describe('resolveBeneath', () => {
  test.each([['.'], ['a'], ['a/b/c'], ['a//b/./c/'], ['a/b/../b'], [Buffer.from('a/b')]])(
    'finds %s',
    (path) => {
      expect(resolveBeneath(root, path)).toEqual({
        ...identity(join(root, path.toString())),
        isMountRoot: false,
      });
    },
  );

  test('follows links in the root itself, and crosses mount points', () => {
    expect(resolveBeneath(join(folder, 'linked-root'), 'a')).toMatchObject(identity(join(root, 'a')));
    expect(resolveBeneath('/', 'proc')).toEqual({ ...identity('/proc'), isMountRoot: true });
  });

  test.each([
    ['ELOOP', 'a/link'],
    ['ELOOP', 'a/link/c'],
    ['ELOOP', 'a/absolute/etc'],
    ['EXDEV', '..'],
    ['EXDEV', '../outside'],
    ['EXDEV', 'a/../../outside'],
    ['EXDEV', '/etc'],
    ['ENOENT', ''],
    ['ENOENT', 'a/missing'],
    ['ENOENT', 'a/missing/x'],
    ['ENOTDIR', 'a/file'],
    ['ENOTDIR', 'a/file/x'],
    ['ENAMETOOLONG', 'x'.repeat(256)],
  ])('%s: %s', (code, path) => {
    expect(caughtError(() => resolveBeneath(root, path))).toMatchObject({ code, syscall: 'openat2', path });
  });

  test.each([
    ['ENOENT', 'missing'],
    ['ENOTDIR', 'root/a/file'],
  ])('%s: the root is the reason', (code, name) => {
    const path = join(folder, name);
    expect(caughtError(() => resolveBeneath(path, 'a'))).toMatchObject({ code, syscall: 'open', path });
  });

  test('ELOOP: a magic link of /proc', () => {
    expect(caughtError(() => resolveBeneath('/proc', `${process.pid}/cwd`))['code']).toBe('ELOOP');
  });

  test.each([
    ['ERR_INVALID_ARG_TYPE', 1],
    ['ERR_INVALID_ARG_VALUE', 'a\0'],
  ])('%s', (code, path) => {
    expect(caughtError(() => resolveBeneath(root, path as string))['code']).toBe(code);
  });
});

describe('the walk that stands in for openat2', () => {
  const outcome = (how: 'resolveBeneath' | 'resolveBeneathByWalk', path: string) => {
    const result = loadAddon()[how](Buffer.from(root), Buffer.from(path));
    return 'errno' in result ? result.errno : result;
  };

  test('comes to the same, except that it refuses every ".."', () => {
    const name = fc.constantFrom(
      'a',
      'b',
      'c',
      'file',
      'link',
      'absolute',
      'missing',
      '.',
      '',
      'x'.repeat(256),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 5 }), (names) => {
        const path = names.join('/');
        expect([path, outcome('resolveBeneathByWalk', path)]).toEqual([
          path,
          outcome('resolveBeneath', path),
        ]);
      }),
      { numRuns: 500 },
    );
    expect(outcome('resolveBeneathByWalk', 'a/../a')).toBe(-18);
  });
});
