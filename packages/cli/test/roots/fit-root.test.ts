import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { MountRoot, RootProgram } from '@opencontainers-ts/rootfs-rewriter';

import { checkFitness } from '../../src/roots/fit-root.js';
import type { System } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';
import { mountingSystem, withFolder } from './mounting-system.js';

const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'case-'));
const PROGRAM: RootProgram = { name: '/bin/sh', cwd: '/', searchPath: '/usr/bin:/bin', mountedAt: ['/proc'] };
const ACTION: MountRoot = {
  kind: 'mount-root',
  strategy: 'replace',
  root: '/volume',
  volume: 'pvc-1',
  target: '/run/ociwrap/root',
  image: '/image',
  imageChange: 'warn',
  readonly: false,
  program: PROGRAM,
  user: 'ns/pod/main',
  onceMounted: [],
  otherwise: 'use-path',
};

function put(root: string, path: string, mode = 0o755): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
  chmodSync(join(root, path), mode);
}

function makeRoot(): string {
  const root = newFolder();
  for (const folder of ['etc', 'dev', 'proc', 'sys']) mkdirSync(join(root, folder));
  put(root, 'bin/sh');
  return root;
}

const check = (root: string, action: Partial<MountRoot> = {}, system: System = mountingSystem()) =>
  withFolder(root, (folder) => checkFitness(system, folder, { ...ACTION, ...action }));
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('what a runtime mounts on', () => {
  test.each(['dev', 'proc', 'sys'])('/%s: a folder or nothing, on every strategy', (name) => {
    for (const strategy of ['replace', 'overlay', 'seed'] as const) {
      const root = makeRoot();
      expect(check(root, { strategy })).toEqual([]);
      rmSync(join(root, name), { recursive: true });
      expect(check(root, { strategy })).toEqual([]);
      symlinkSync('tmp', join(root, name));
      expect(() => check(root, { strategy })).toThrow(code('ERR_ROOT_UNSAFE'));
      rmSync(join(root, name));
      put(root, name);
      expect(() => check(root, { strategy })).toThrow(code('ERR_ROOT_UNSAFE'));
    }
  });
});

describe('what is no root', () => {
  test('an empty volume; what mkfs and we leave there does not count', () => {
    const root = newFolder();
    expect(() => check(root)).toThrow(code('ERR_VOLUME_EMPTY'));
    mkdirSync(join(root, 'lost+found'));
    mkdirSync(join(root, '.ociwrap'));
    expect(() => check(root)).toThrow(code('ERR_VOLUME_EMPTY'));
    mkdirSync(join(root, 'etc'));
    expect(() => check(root)).toThrow(code('ERR_ROOT_NO_PROGRAM'));
  });

  test('one without /etc, where the image is not below', () => {
    const root = makeRoot();
    rmSync(join(root, 'etc'), { recursive: true });
    expect(() => check(root)).toThrow(code('ERR_ROOT_UNFIT'));
    expect(check(root, { strategy: 'overlay' })).toEqual([]);
  });
});

describe('the program', () => {
  test.each<[string, Partial<RootProgram>, (root: string) => void, boolean]>([
    ['by its path', {}, () => undefined, true],
    ['that is not there', { name: '/bin/bash' }, () => undefined, false],
    ['on the search path', { name: 'sh' }, () => undefined, true],
    ['that is nowhere on it', { name: 'bash' }, () => undefined, false],
    ['whose search path is not known', { name: 'bash', searchPath: undefined }, () => undefined, true],
    ['whose search path depends on the folder', { name: 'bash', searchPath: '/bin:' }, () => undefined, true],
    ['from the working folder', { name: './sh', cwd: '/bin' }, () => undefined, true],
    ['that is not in the working folder', { name: './sh', cwd: '/etc' }, () => undefined, false],
    ['that cannot be executed', { name: '/bin/x' }, (root) => put(root, 'bin/x', 0o644), false],
    ['that is a folder', { name: '/etc' }, () => undefined, false],
    ['behind a link', { name: '/sbin/sh' }, (root) => symlinkSync('/bin', join(root, 'sbin')), true],
    [
      'behind a link that climbs',
      { name: '/a/sh' },
      (root) => symlinkSync('../../../bin', join(root, 'a')),
      true,
    ],
    [
      'behind a link to what only the host has',
      { name: '/a' },
      (root) => symlinkSync(process.execPath, join(root, 'a')),
      false,
    ],
    ['behind links in a circle', { name: '/a' }, (root) => symlinkSync('a', join(root, 'a')), false],
    ['that a mount brings', { name: '/sbin/init', mountedAt: ['/sbin/init'] }, () => undefined, true],
    ['below a mount', { name: '/opt/x/run', mountedAt: ['/opt//x/'] }, () => undefined, true],
    ['beside a mount', { name: '/opt/xy/run', mountedAt: ['/opt/x'] }, () => undefined, false],
  ])('%s', (_, more, change, isThere) => {
    const root = makeRoot();
    change(root);
    const program = { ...PROGRAM, ...more };
    if (isThere) expect(check(root, { program })).toEqual([]);
    else expect(() => check(root, { program })).toThrow(code('ERR_ROOT_NO_PROGRAM'));
  });

  test('where the kernel has no way to look, it is the runtime that says it', () => {
    const system = mountingSystem([], { openat2: () => ({ errno: 'ENOSYS' }) });
    expect(check(makeRoot(), { program: { ...PROGRAM, name: '/none' } }, system)).toEqual([]);
  });
});

describe('room', () => {
  const full = (more: object) => {
    const roomy = {
      type: 0xef53n,
      blockSize: 4096n,
      blocks: 99n,
      freeBlocks: 16n,
      inodes: 9n,
      freeInodes: 1n,
      flags: 0,
    };
    return mountingSystem([], { statfs: () => ({ ...roomy, ...more }) });
  };
  test.each<[string, object, Partial<MountRoot>, string[]]>([
    ['enough', {}, {}, []],
    ['no blocks', { freeBlocks: 0n }, {}, ['the volume "pvc-1" has no space left']],
    ['next to none', { freeBlocks: 15n }, {}, ['the volume "pvc-1" has no space left']],
    ['no inodes', { freeInodes: 0n }, {}, ['the volume "pvc-1" has no inodes left']],
    ['a file system that does not count', { inodes: 0n, freeInodes: 0n }, {}, []],
    ['a root that is not written', { freeBlocks: 0n }, { readonly: true }, []],
    ['a mount that is read-only', { freeBlocks: 0n, flags: 1 }, {}, []],
  ])('%s', (_, more, action, warnings) => expect(check(makeRoot(), action, full(more))).toEqual(warnings));
});
