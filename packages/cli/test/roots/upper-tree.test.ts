import { describe, expect, test } from '@jest/globals';

import { type Change, differences } from '../../src/roots/upper-differences.js';
import { upperEntries } from '../../src/roots/upper-entries.js';
import { shownPath, walkTree } from '../../src/roots/upper-tree.js';
import { OPEN } from '../../src/system/system.js';
import {
  type Folder,
  type Made,
  memoryMachine,
  opaque,
  Special,
  symlink,
  whiteout,
  withAttributes,
} from './memory-machine.js';

function machineWith(content: Made) {
  const machine = memoryMachine();
  machine.make('/u', content);
  const top = machine.system.open('/u', OPEN.directory) as number;
  return { machine, system: machine.system, top };
}

describe('a tree', () => {
  test('is gone through depth first, in the order of the bytes', () => {
    const { machine, system, top } = machineWith({
      b: { é: 'x', z: 'x', Z: 'x' },
      'b.': 'x',
      a: {},
      'b-': { c: symlink('/') },
    });
    expect([...walkTree(system, top)].map(({ path }) => shownPath(path))).toEqual([
      '/a',
      '/b',
      '/b/Z',
      '/b/z',
      '/b/é',
      '/b-',
      '/b-/c',
      '/b.',
    ]);
    expect(machine.mostDescriptors).toBe(2);
    expect(machine.openDescriptors).toBe(1);
  });

  test('leaves nothing open where somebody has seen enough', () => {
    const { machine, system, top } = machineWith({ a: { b: { c: 'x' } } });
    for (const { path } of walkTree(system, top)) if (path === 'a/b') break;
    expect(machine.openDescriptors).toBe(1);
  });

  test('may change meanwhile: what is gone is left out, what is replaced is an error', () => {
    const { machine, system, top } = machineWith({ a: { b: {}, c: 'x' }, d: 'x', e: 'x' });
    const walk = walkTree(system, top);
    const next = () => walk.next().value?.path;
    expect([next(), next()]).toEqual(['a', 'a/b']);
    machine.at('/u')?.children.delete('d');
    expect([next(), next(), next()]).toEqual(['a/c', 'e', undefined]);
    const again = walkTree(system, top);
    for (let at = 0; at < 2; at += 1) again.next();
    machine.make('/u/a', { b: {}, c: 'another' });
    expect(() => [...again]).toThrow(expect.objectContaining({ code: 'ERR_VOLUME_CHANGING' }));
    const third = walkTree(system, top);
    third.next();
    machine.make('/u/a', symlink('/'));
    expect(() => [...third]).toThrow(expect.objectContaining({ code: 'ERR_VOLUME_CHANGING' }));
    expect(machine.openDescriptors).toBe(1);
  });

  test('is gone into as deep as a path can be', () => {
    const name = 'n'.repeat(255);
    let deep: Folder = { end: {} };
    for (let level = 0; level < 20; level += 1) deep = { [name]: deep };
    const { machine, system, top } = machineWith(deep);
    const told: string[] = [];
    const paths = [...walkTree(system, top, { tellTooDeep: (path) => told.push(path) })].map(
      ({ path }) => path,
    );
    // 16 names of 255 bytes and the slashes between them are 4095.
    expect(paths.map(({ length }) => length)).toEqual(Array.from({ length: 16 }, (_, at) => at * 256 + 255));
    expect(told).toEqual([paths.at(-1)]);
    expect(() => [...walkTree(system, top)]).toThrow(expect.objectContaining({ code: 'ERR_PATH_TOO_LONG' }));
    expect(machine.openDescriptors).toBe(1);
  });

  test('that cannot be read says where', () => {
    const { machine, system, top } = machineWith({ a: { b: {} } });
    machine.failures.set('openat2 b', 'EXDEV');
    expect(() => [...walkTree(system, top)]).toThrow(
      expect.objectContaining({ code: 'EXDEV', path: '/a/b' }),
    );
  });
});

const file = (content: string, is: Special['is']) => new Special(is, content);

describe('what an entry of an upper means', () => {
  test.each<[name: string, content: Made, meaning: string]>([
    ['a file', 'x', 'plain'],
    ['a folder', {}, 'plain'],
    ['a whiteout', whiteout, 'whiteout'],
    ['another device', new Special({ type: 'character-device', major: 1, minor: 0 }), 'plain'],
    ['another device, too', new Special({ type: 'character-device', major: 0, minor: 1 }), 'plain'],
    ['a disk', new Special({ type: 'block-device' }), 'plain'],
    ['an opaque folder', opaque({}), 'opaque'],
    ['a folder that is opaque no more', opaque({}, 'n'), 'plain'],
    ['a folder with whiteouts that are files', opaque({}, 'x'), 'plain'],
    ['a folder from elsewhere', withAttributes({}, { 'trusted.overlay.redirect': '/x' }), 'redirected'],
    ['a file without its bytes', withAttributes('x', { 'trusted.overlay.metacopy': '' }), 'redirected'],
    ['a file that says it is a whiteout', withAttributes('', { 'trusted.overlay.whiteout': '' }), 'plain'],
  ])('%s', (_, content, meaning) => {
    const { system, top } = machineWith({ entry: content });
    expect([...upperEntries(system, top)].map((entry) => entry.meaning)).toEqual([meaning]);
  });

  test('a file is a whiteout where its folder says that there are such', () => {
    const marked = withAttributes('', { 'trusted.overlay.whiteout': '' });
    const full = withAttributes('full', { 'trusted.overlay.whiteout': '' });
    const { machine, system, top } = machineWith({
      a: opaque({ f: marked, full, plain: '' }, 'x'),
      b: { f: marked },
      f: marked,
    });
    const whiteouts = () =>
      [...upperEntries(system, top)].filter(({ meaning }) => meaning === 'whiteout').map(({ path }) => path);
    expect(whiteouts()).toEqual(['a/f']);
    machine.at('/u')?.attributes.set('trusted.overlay.opaque', Uint8Array.of(0x78));
    expect(whiteouts()).toEqual(['a/f', 'f']);
  });
});

describe('the differences from the image', () => {
  const IMAGE: Folder = {
    etc: { motd: 'm', passwd: 'p', same: 's', kept: 'k', sub: { f: 'f' } },
    usr: { lib: { a: 'a', b: 'b' } },
    link: symlink('etc'),
    dev: new Special({ type: 'character-device', major: 1, minor: 3 }),
    was: {},
  };
  const UPPER: Folder = {
    etc: { motd: whiteout, gone: whiteout, passwd: 'pp', same: 's', new: 'n', sub: {} },
    usr: opaque({ lib: { a: 'a', c: 'c' } }),
    link: symlink('usr/lib'),
    dev: new Special({ type: 'character-device', major: 1, minor: 5 }),
    was: 'a file',
    fresh: opaque({ f: 'f' }),
    over: { link: whiteout },
    from: withAttributes({}, { 'trusted.overlay.redirect': '/x' }),
  };
  const listed = (upper: Made, image?: Made): readonly (readonly [Change, string])[] => {
    const { machine, system, top } = machineWith(upper);
    if (image !== undefined) machine.make('/i', image);
    const below = image === undefined ? undefined : (system.open('/i', OPEN.directory) as number);
    return [...differences(system, top, below)].map(({ change, path }) => [change, path]);
  };

  test('without the image are what the upper has', () => {
    expect(listed(UPPER)).toEqual([
      ['added-or-changed', 'dev'],
      ['added-or-changed', 'etc'],
      ['deleted', 'etc/gone'],
      ['deleted', 'etc/motd'],
      ['added-or-changed', 'etc/new'],
      ['added-or-changed', 'etc/passwd'],
      ['added-or-changed', 'etc/same'],
      ['added-or-changed', 'etc/sub'],
      ['replaced', 'fresh'],
      ['added-or-changed', 'fresh/f'],
      ['added-or-changed', 'from'],
      ['added-or-changed', 'link'],
      ['added-or-changed', 'over'],
      ['deleted', 'over/link'],
      ['replaced', 'usr'],
      ['added-or-changed', 'usr/lib'],
      ['added-or-changed', 'usr/lib/a'],
      ['added-or-changed', 'usr/lib/c'],
      ['added-or-changed', 'was'],
    ]);
  });

  test('with it are what a container sees otherwise', () => {
    expect(listed(UPPER, IMAGE)).toEqual([
      ['changed', 'dev'],
      ['deleted', 'etc/motd'],
      ['added', 'etc/new'],
      ['changed', 'etc/passwd'],
      ['added', 'fresh'],
      ['added', 'fresh/f'],
      ['added', 'from'],
      ['changed', 'link'],
      ['added', 'over'],
      // All of the image's is hidden there: what is listed is what there is.
      ['replaced', 'usr'],
      ['changed', 'usr/lib'],
      ['changed', 'usr/lib/a'],
      ['added', 'usr/lib/c'],
      ['changed', 'was'],
    ]);
  });

  test.each<[name: string, upper: Made, image: Made, isChanged: boolean]>([
    ['nothing', 'x', 'x', false],
    ['the bytes', 'y', 'xx', true],
    ['the mode', file('x', { mode: 0o600 }), 'x', true],
    ['the owner', file('x', { uid: 1 }), 'x', true],
    ['the group', file('x', { gid: 1 }), 'x', true],
    ['the time', file('x', { mtimeNs: 1n }), 'x', true],
    ['the kind', {}, 'x', true],
    ['the time of a folder', new Special({ mtimeNs: 1n }, {}), {}, false],
    ['the mode of a folder', new Special({ mode: 0o700 }, {}), {}, true],
    ['where a part of it is', withAttributes('x', { 'trusted.overlay.metacopy': '' }), 'x', true],
  ])('an entry that differs in %s', (_, upper, image, isChanged) => {
    expect(listed({ e: upper }, { e: image })).toEqual(isChanged ? [['changed', 'e']] : []);
  });

  test('the image is not left by a link', () => {
    expect(listed({ link: { f: 'x' } }, { link: symlink('/elsewhere') })).toEqual([
      ['changed', 'link'],
      ['added', 'link/f'],
    ]);
  });
});
