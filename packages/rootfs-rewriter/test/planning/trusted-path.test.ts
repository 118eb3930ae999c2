import { describe, expect, test } from '@jest/globals';

import { type OwnedEntry, trustedPath } from '../../src/index.js';

const folder = (mode = 0o755, uid = 0): OwnedEntry => ({ type: 'directory', uid, mode });
const file = (mode = 0o644, uid = 0): OwnedEntry => ({ type: 'file', uid, mode });
const link = (target: string, uid = 0): OwnedEntry => ({ type: 'symlink', uid, mode: 0o777, target });

const tree: Readonly<Record<string, OwnedEntry>> = {
  '/': folder(),
  '/etc': folder(),
  '/etc/ociwrap': folder(0o700),
  '/etc/ociwrap/config.toml': file(0o600),
  '/etc/ociwrap/readable.toml': file(0o644),
  '/etc/ociwrap/group.toml': file(0o664),
  '/etc/ociwrap/world.toml': file(0o646),
  '/etc/ociwrap/alices.toml': file(0o600, 1000),
  '/etc/ociwrap/link.toml': link('config.toml'),
  '/etc/ociwrap/absolute.toml': link('/srv/own/config.toml'),
  '/etc/ociwrap/up.toml': link('../ociwrap/./config.toml'),
  '/etc/ociwrap/loop.toml': link('loop.toml'),
  '/etc/ociwrap/dangling.toml': link('nowhere.toml'),
  '/etc/ociwrap/alices-link.toml': link('config.toml', 1000),
  '/etc/ociwrap/through-home.toml': link('/home/alice/config.toml'),
  '/srv': folder(),
  '/srv/own': folder(),
  '/srv/own/config.toml': file(),
  '/linked': link('/etc/ociwrap'),
  '/home': folder(),
  '/home/alice': folder(0o755, 1000),
  '/home/alice/config.toml': link('/srv/own/config.toml'),
  '/etc/ociwrap/in-the-store.toml': link('/nix/store/abc-etc/config.toml'),
  '/etc/ociwrap/folder.toml': link('../ociwrap/.'),
  '/etc/ociwrap/to-tmp.toml': link('/tmp/config.toml'),
  '/etc/ociwrap/through-opt.toml': link('/opt/link.toml'),
  '/etc/ociwrap/to-the-top': link('/'),
  '/nix': folder(),
  '/nix/store': folder(0o1775),
  '/nix/store/abc-etc': folder(0o555),
  '/nix/store/abc-etc/config.toml': file(0o444),
  '/nix/store/abc-etc/builders.toml': file(0o444, 30001),
  '/nix/store/loose': folder(0o775),
  '/nix/store/loose/config.toml': file(),
  '/nix/store/alices': folder(0o755, 1000),
  '/nix/store/alices/config.toml': file(),
  '/nix/store/alices-link': link('/srv/own', 1000),
  '/alices-tmp': folder(0o1777, 1000),
  '/alices-tmp/config.toml': file(),
  '/tmp': folder(0o1777),
  '/tmp/config.toml': file(),
  '/tmp/link.toml': link('/srv/own/config.toml'),
  '/tmp/shared.toml': file(0o666),
  '/opt': folder(0o775),
  '/opt/config.toml': file(),
  '/opt/link.toml': link('/srv/own/config.toml'),
};

const follow = (path: string) => trustedPath(path, (at) => tree[at]);

describe('a path that only root can change is followed', () => {
  test.each([
    ['/etc/ociwrap/config.toml', '/etc/ociwrap/config.toml'],
    ['/etc/ociwrap/readable.toml', '/etc/ociwrap/readable.toml'],
    ['//etc/./ociwrap/../ociwrap/config.toml', '/etc/ociwrap/config.toml'],
    ['/etc/ociwrap/link.toml', '/etc/ociwrap/config.toml'],
    ['/etc/ociwrap/absolute.toml', '/srv/own/config.toml'],
    ['/etc/ociwrap/up.toml', '/etc/ociwrap/config.toml'],
    ['/linked/config.toml', '/etc/ociwrap/config.toml'],
    ['/', '/'],
    ['/srv/own/..', '/srv'],
    ['/etc/ociwrap/folder.toml', '/etc/ociwrap'],
    ['/etc/ociwrap/to-the-top', '/'],
    // What root has in a sticky folder of root nobody else can take away, nor put another in its place.
    ['/etc/ociwrap/in-the-store.toml', '/nix/store/abc-etc/config.toml'],
    ['/etc/ociwrap/to-tmp.toml', '/tmp/config.toml'],
    ['/nix/store/abc-etc', '/nix/store/abc-etc'],
    ['/tmp/config.toml', '/tmp/config.toml'],
    ['/tmp/link.toml', '/srv/own/config.toml'],
  ])('%s', (path, real) => {
    expect(follow(path)).toMatchObject({ real, entry: tree[real] });
  });
});

describe('what is not there', () => {
  test.each([
    ['/etc/ociwrap/none.toml', '/etc/ociwrap/none.toml'],
    ['/none/config.toml', '/none'],
    ['/etc/ociwrap/dangling.toml', '/etc/ociwrap/nowhere.toml'],
    ['/etc/ociwrap/config.toml/below', '/etc/ociwrap/config.toml/below'],
    ['/tmp/none.toml', '/tmp/none.toml'],
  ])('%s', (path, missing) => {
    expect(follow(path)).toEqual({ missing });
  });
});

const NOT_ROOTS = 'belongs to user 1000, not to root';
const writable = (mode: string) => `can be written by others than its owner (mode ${mode}; chmod go-w)`;

describe('a path that others can change is refused, and the place named', () => {
  test.each([
    ['/etc/ociwrap/group.toml', '/etc/ociwrap/group.toml', writable('664')],
    ['/etc/ociwrap/world.toml', '/etc/ociwrap/world.toml', writable('646')],
    ['/etc/ociwrap/alices.toml', '/etc/ociwrap/alices.toml', NOT_ROOTS],
    ['/etc/ociwrap/alices-link.toml', '/etc/ociwrap/alices-link.toml', NOT_ROOTS],
    ['/etc/ociwrap/through-home.toml', '/home/alice', NOT_ROOTS],
    ['/etc/ociwrap/loop.toml', '/etc/ociwrap/loop.toml', 'leads through too many symlinks'],
    ['/opt/config.toml', '/opt', writable('775')],
    ['/etc/ociwrap/through-opt.toml', '/opt', writable('775')],
    // The sticky bit keeps what others own there theirs.
    [
      '/nix/store/abc-etc/builders.toml',
      '/nix/store/abc-etc/builders.toml',
      'belongs to user 30001, not to root',
    ],
    ['/nix/store/loose/config.toml', '/nix/store/loose', writable('775')],
    ['/nix/store/alices/config.toml', '/nix/store/alices', NOT_ROOTS],
    ['/nix/store/alices-link/config.toml', '/nix/store/alices-link', NOT_ROOTS],
    // Its owner may remove and rename all in a sticky folder.
    ['/alices-tmp/config.toml', '/alices-tmp', NOT_ROOTS],
    ['/tmp/shared.toml', '/tmp/shared.toml', writable('666')],
    // At the end others must not be able to add anything either.
    ['/tmp', '/tmp', writable('1777')],
    ['/tmp/.', '/tmp', writable('1777')],
    ['/nix/store/abc-etc/..', '/nix/store', writable('1775')],
  ])('%s', (path, untrusted, why) => {
    expect(follow(path)).toEqual({ untrusted, why });
  });

  test('the root folder too', () => {
    expect(trustedPath('/a', () => folder(0o777))).toEqual({ untrusted: '/', why: writable('777') });
  });
});

test('others than root may be trusted', () => {
  const at = (path: string) => trustedPath(path, (step) => tree[step], [0, 1000]);
  expect(at('/nix/store/alices-link/config.toml')).toMatchObject({ real: '/srv/own/config.toml' });
  expect(at('/nix/store/abc-etc/builders.toml')).toMatchObject({
    why: 'belongs to user 30001, not to root or user 1000',
  });
});
