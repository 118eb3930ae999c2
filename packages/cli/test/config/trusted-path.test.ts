import { describe, expect, test } from '@jest/globals';

import { type PathEntry, trustedPath } from '../../src/config/trusted-path.js';

const folder = (mode = 0o755, uid = 0): PathEntry => ({ type: 'directory', uid, mode });
const file = (mode = 0o644, uid = 0): PathEntry => ({ type: 'file', uid, mode });
const link = (target: string, uid = 0): PathEntry => ({ type: 'symlink', uid, mode: 0o777, target });

const tree: Readonly<Record<string, PathEntry>> = {
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
  '/tmp': folder(0o1777),
  '/tmp/config.toml': file(),
  '/opt': folder(0o775),
  '/opt/config.toml': file(),
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
  ])('%s', (path, missing) => {
    expect(follow(path)).toEqual({ missing });
  });
});

describe('a path that others can change is refused, and the place named', () => {
  test.each([
    ['/etc/ociwrap/group.toml', '/etc/ociwrap/group.toml can be written by others than root (mode 664)'],
    ['/etc/ociwrap/world.toml', '/etc/ociwrap/world.toml can be written by others than root (mode 646)'],
    ['/etc/ociwrap/alices.toml', '/etc/ociwrap/alices.toml belongs to user 1000, not to root'],
    ['/etc/ociwrap/alices-link.toml', '/etc/ociwrap/alices-link.toml belongs to user 1000, not to root'],
    ['/etc/ociwrap/through-home.toml', '/home/alice belongs to user 1000, not to root'],
    ['/etc/ociwrap/loop.toml', '/etc/ociwrap/loop.toml leads through too many symlinks'],
    ['/tmp/config.toml', '/tmp can be written by others than root (mode 1777)'],
    ['/opt/config.toml', '/opt can be written by others than root (mode 775)'],
    ['/tmp/none.toml', '/tmp can be written by others than root (mode 1777)'],
  ])('%s', (path, untrusted) => {
    expect(follow(path)).toEqual({ untrusted });
  });

  test('the root folder too', () => {
    expect(trustedPath('/a', () => folder(0o777))).toEqual({
      untrusted: '/ can be written by others than root (mode 777)',
    });
  });
});
