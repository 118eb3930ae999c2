import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { startContainerd } from './containerd.js';
import { busyboxRoot } from './kubelet-volume.js';
import { type NodeTree, nodeTree } from './node-tree.js';
import { describeWith, ociwrap, program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { atEnd, removeCgroupAtEnd, scratchFolder } from './scratch.js';
import { waitUntil } from './wait-until.js';

const PREFIX = 'data/opt/ociwrap';
const done = { status: 0, stderr: '' };

describeWith([], 'an installation on a node', () => {
  let node: NodeTree;
  beforeAll(() => {
    node = nodeTree();
  });
  const at = (path: string) => join(node.path, path);
  const current = () => readlinkSync(at(`${PREFIX}/current`)).slice('versions/'.length);
  const versions = () => readdirSync(at(`${PREFIX}/versions`)).sort();
  /** Calls the wrapper as an engine does. */
  const wrapperSays = () =>
    runProgram(at(`${PREFIX}/bin/oci-runtime-wrapper`), ['state', 'x'], {
      env: { SGS_RUNC_PATH: program('true'), OCIWRAP_LOG_FILE: '/dev/null' },
    });

  beforeEach(() => node.anew());

  test('install makes the layout, and a second time changes nothing', () => {
    expect(node.call('a', 'install')).toMatchObject(done);
    expect(readdirSync(at(PREFIX)).sort()).toEqual(['bin', 'current', 'manifest.json', 'versions']);
    expect(versions()).toEqual([current()]);
    expect(readdirSync(at(`${PREFIX}/bin`)).sort()).toEqual(['oci-runtime-wrapper', 'ociwrap']);
    expect(statSync(at(`${PREFIX}/versions/${current()}/ociwrap`)).mode & 0o7777).toBe(0o755);
    expect(wrapperSays()).toMatchObject(done);
    expect(node.call('a', 'status')).toMatchObject(done);
    const before = node.stamps();
    expect(node.call('a', 'install')).toMatchObject(done);
    expect(node.call('a', 'status', '--json')).toMatchObject(done);
    expect(node.stamps()).toEqual(before);
  });

  test('what a dry run prints is what is done, and it does nothing', () => {
    const before = node.stamps();
    const rehearsed = node.call('a', 'install', '--dry-run', '--json', '--as', '/usr/bin/runc');
    expect(node.stamps()).toEqual(before);
    const steps = (ended: Ended) =>
      (JSON.parse(ended.stdout).steps as { do: string; path: string }[]).map(
        (step) => `${step.do} ${step.path}`,
      );
    const made = node.call('a', 'install', '--json', '--as', '/usr/bin/runc');
    expect(steps(rehearsed)).toEqual(['make-folder /opt/ociwrap', ...steps(made)]);
  });

  test('an upgrade keeps the last two versions, and goes back', () => {
    expect(node.call('b', 'upgrade')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ERR_INSTALLATION_MISSING'),
    });
    node.call('a', 'install');
    const first = current();
    expect(node.call('b', 'upgrade')).toMatchObject(done);
    const second = current();
    expect(versions()).toEqual([first, second].sort());
    expect(node.call('b', 'status', '--json')).toMatchObject(done);
    const third = at('src/c');
    mkdirSync(third);
    copyFileSync(at('src/a/ociwrap'), join(third, 'ociwrap'));
    writeFileSync(join(third, 'ociwrap'), 'third', { flag: 'a' });
    expect(runProgram(program('chroot'), [node.path, '/src/c/ociwrap', 'install'])).toMatchObject(done);
    expect(versions()).toEqual([second, current()].sort());
    rmSync(third, { recursive: true });
    const back = runProgram(program('chroot'), [
      node.path,
      `/opt/ociwrap/versions/${second}/ociwrap`,
      'install',
    ]);
    expect([back, current()]).toMatchObject([done, second]);
    expect(wrapperSays()).toMatchObject(done);
  });

  test('no call fails while it is upgraded again and again', async () => {
    node.call('a', 'install');
    const wrapper = at(`${PREFIX}/bin/oci-runtime-wrapper`);
    const script = 'n=0; while [ -e "$1" ]; do "$0" state x || exit 9; n=$((n + 1)); done; echo $n';
    const mark = join(scratchFolder('mark'), 'going');
    writeFileSync(mark, '');
    const caller = spawn('sh', ['-c', script, wrapper, mark], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'], SGS_RUNC_PATH: program('true'), OCIWRAP_LOG_FILE: '/dev/null' },
    });
    let told = '';
    caller.stdout.on('data', (text) => {
      told += String(text);
    });
    const ended = new Promise((resolve) => caller.on('close', resolve));
    for (let count = 0; count < 25; count += 1) {
      for (const version of ['b', 'a'] as const) expect(node.call(version, 'install')).toMatchObject(done);
    }
    rmSync(mark);
    expect(await ended).toBe(0);
    expect(Number(told)).toBeGreaterThan(50);
  }, 120_000);

  test('uninstall leaves what was there before', () => {
    const before = node.listing();
    writeFileSync(at('src/config.toml'), 'fast-path = true\n');
    expect(node.call('a', 'install', '--as', '/usr/bin/runc', '--config', '/src/config.toml')).toMatchObject(
      done,
    );
    expect(node.call('b', 'install')).toMatchObject(done);
    mkdirSync(at('run/ociwrap'));
    writeFileSync(at('run/ociwrap/a-table'), '');
    expect(node.call('b', 'uninstall')).toMatchObject(done);
    expect(node.listing()).toEqual(before);
    expect(node.call('b', 'uninstall')).toMatchObject(done);
    expect(node.call('b', 'status')).toMatchObject({ status: 1 });
  });

  test('in the root of a node all paths are the node’s', () => {
    const here = (...args: readonly string[]) => runProgram(ociwrap, [...args, '--host-root', node.path]);
    const before = node.listing();
    expect(here('install', '--as', '/usr/bin/runc')).toMatchObject(done);
    expect(readlinkSync(at('usr/bin/runc'))).toBe('/opt/ociwrap/bin/oci-runtime-wrapper');
    expect(here('status')).toMatchObject(done);
    expect(node.call('a', 'install')).toMatchObject(done);
    expect(here('uninstall')).toMatchObject(done);
    expect(node.listing()).toEqual(before);
    const none = runProgram(ociwrap, ['install', '--host-root', '/nowhere']);
    expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('ERR_HOST_ROOT') });
  });

  test('an installation that was made by hand is taken over', () => {
    mkdirSync(at('data/opt/ociwrap-1/bin'), { recursive: true });
    copyFileSync(ociwrap, at('data/opt/ociwrap-1/bin/oci-runtime-wrapper'));
    symlinkSync('oci-runtime-wrapper', at('data/opt/ociwrap-1/bin/ociwrap'));
    writeFileSync(at('data/opt/ociwrap-1/LICENSE'), '');
    symlinkSync('ociwrap-1', at('data/opt/ociwrap'));
    expect(node.call('b', 'status')).toMatchObject({ status: 1 });
    expect(node.call('b', 'install')).toMatchObject(done);
    expect(wrapperSays()).toMatchObject(done);
    expect(node.call('b', 'status')).toMatchObject(done);
    expect(node.call('b', 'uninstall')).toMatchObject(done);
    expect(readdirSync(at('data/opt'))).toEqual([]);
  });

  test.each<[string, () => void, RegExp]>([
    ['a folder of others', () => writeFileSync(at(`${PREFIX}/notes`), ''), /"notes" is in it/],
    ['a program of others', () => writeFileSync(at(`${PREFIX}/bin/ociwrap`), ''), /"bin\/ociwrap" is in it/],
    [
      'a folder that others may change',
      () => chmodSync(at(PREFIX), 0o777),
      /they may write to "\/data\/opt\/ociwrap"/,
    ],
    ['a folder that others may rename', () => chmodSync(at('data'), 0o777), /they may write to "\/data"/],
  ])('%s is refused as the prefix', (_, prepare, message) => {
    mkdirSync(at(`${PREFIX}/bin`), { recursive: true });
    prepare();
    const before = node.stamps();
    const { status, stderr } = node.call('a', 'install');
    chmodSync(at('data'), 0o755);
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr).toContain('[ERR_INSTALLATION_PREFIX]');
    expect(Object.keys(node.stamps())).toEqual(Object.keys(before));
  });

  describe('in the place of a program', () => {
    const RUNC = 'usr/bin/runc';
    const take = (...paths: readonly string[]) =>
      node.call('a', 'install', ...paths.flatMap((path) => ['--as', path]));

    test('the program stays as it is by its second name, and is put back as the same file', () => {
      const { ino } = statSync(at(RUNC));
      expect(take('/usr/bin/runc')).toMatchObject(done);
      expect(readlinkSync(at(RUNC))).toBe('/opt/ociwrap/bin/oci-runtime-wrapper');
      expect(statSync(at(`${RUNC}.real`)).ino).toBe(ino);
      expect(node.call('a', 'status').stdout).toContain('in the place of /usr/bin/runc');
      expect(node.call('a', 'uninstall', '--as', '/usr/bin/runc')).toMatchObject(done);
      expect(statSync(at(RUNC))).toMatchObject({ ino, nlink: 1 });
      expect(readdirSync(at('usr/bin'))).toEqual(['runc']);
      expect(node.call('a', 'status')).toMatchObject(done);
    });

    test('a package that is upgraded under us: status sees it, install takes the place again', () => {
      take('/usr/bin/runc');
      writeFileSync(at(`${RUNC}.dpkg-new`), '#!/newer\n', { mode: 0o755 });
      renameSync(at(`${RUNC}.dpkg-new`), at(RUNC));
      expect(node.call('a', 'status')).toMatchObject({
        status: 1,
        stdout: expect.stringContaining('"/usr/bin/runc" has been replaced'),
      });
      expect(node.call('a', 'install')).toMatchObject(done);
      expect(node.call('a', 'status')).toMatchObject(done);
      expect(readFileSync(at(`${RUNC}.real`), 'utf8')).toBe('#!/newer\n');
      writeFileSync(at(`${RUNC}.dpkg-new`), '#!/newest\n', { mode: 0o755 });
      renameSync(at(`${RUNC}.dpkg-new`), at(RUNC));
      expect(node.call('a', 'uninstall')).toMatchObject(done);
      expect(readFileSync(at(RUNC), 'utf8')).toBe('#!/newest\n');
      expect(readdirSync(at('usr/bin'))).toEqual(['runc']);
    });

    const script = '#!/bin/sh\nPATH=/toolkit exec /usr/bin/runc.real "$@"\n';
    test.each<[string, string, string, () => void]>([
      ['nothing', '/usr/bin/none', 'ERR_PLACE_REFUSED', () => undefined],
      ['a folder', '/usr/bin', 'ERR_PLACE_REFUSED', () => undefined],
      ['no program', '/usr/bin/runc', 'ERR_PLACE_REFUSED', () => chmodSync(at(RUNC), 0o644)],
      ['another .real', '/usr/bin/runc', 'ERR_PLACE_TAKEN', () => writeFileSync(at(`${RUNC}.real`), '')],
      ['a script of the toolkit', '/usr/bin/runc', 'ERR_PLACE_SCRIPT', () => writeFileSync(at(RUNC), script)],
      ['a copy of us', '/usr/bin/runc', 'ERR_PLACE_REFUSED', () => copyFileSync(ociwrap, at(RUNC))],
      [
        'a name of us',
        '/src/b/runc',
        'ERR_PLACE_REFUSED',
        () => linkSync(at('src/b/ociwrap'), at('src/b/runc')),
      ],
      ['our own link', '/opt/ociwrap/bin/ociwrap', 'ERR_PLACE_REFUSED', () => node.call('a', 'install')],
      [
        'our own program',
        '/data/opt/ociwrap/current/ociwrap',
        'ERR_PLACE_REFUSED',
        () => node.call('a', 'install'),
      ],
      ['a link', '/usr/bin/link', 'ERR_PLACE_REFUSED', () => symlinkSync('runc', at('usr/bin/link'))],
      ['a folder of all', '/usr/bin/runc', 'ERR_PLACE_REFUSED', () => chmodSync(at('usr/bin'), 0o777)],
    ])('refused: %s', (_, path, code, prepare) => {
      prepare();
      const before = node.listing();
      const { status, stderr } = take(path);
      chmodSync(at('usr/bin'), 0o755);
      expect([status, stderr]).toEqual([1, expect.stringContaining(`[${code}]`)]);
      rmSync(at('src/b/runc'), { force: true });
      expect(Object.keys(node.listing())).toEqual(Object.keys(before));
    });

    test('what is refused says what to do instead', () => {
      writeFileSync(at(RUNC), script);
      expect(take('/usr/bin/runc').stderr).toContain('runtime.paths.nvidia');
      symlinkSync('runc', at('usr/bin/link'));
      expect(take('/usr/bin/link').stderr).toContain('name the program itself, "/usr/bin/runc"');
    });
  });

  describe('a configuration that comes along', () => {
    const CONFIG = 'etc/ociwrap/config.toml';
    const install = (text: string) => {
      writeFileSync(at('src/config.toml'), text);
      return node.call('a', 'install', '--config', '/src/config.toml');
    };

    test('is put there, replaced as long as it is ours, and never written over', () => {
      expect(install('fast-path = true\n')).toMatchObject(done);
      expect(readFileSync(at(CONFIG), 'utf8')).toBe('fast-path = true\n');
      expect(install('fast-path = false\n')).toMatchObject(done);
      expect(readFileSync(at(CONFIG), 'utf8')).toBe('fast-path = false\n');
      writeFileSync(at(CONFIG), '# mine\n');
      const { status, stderr } = install('fast-path = true\n');
      expect([status, stderr]).toEqual([1, expect.stringContaining('[ERR_INSTALLATION_CONFIGURATION]')]);
      expect(node.call('a', 'install')).toMatchObject(done);
      expect(node.call('a', 'uninstall')).toMatchObject(done);
      expect(readFileSync(at(CONFIG), 'utf8')).toBe('# mine\n');
      expect(node.call('a', 'uninstall', '--purge')).toMatchObject(done);
      expect(readdirSync(at('etc'))).toEqual([]);
    });

    test('is checked before anything is done', () => {
      const before = node.stamps();
      const { status, stderr } = install('fast-pth = true\n');
      expect([status, stderr]).toEqual([1, expect.stringContaining('/src/config.toml:1: fast-pth')]);
      expect(node.stamps()).toEqual(before);
    });
  });

  test('watch mends what somebody changes, until it is told to end', async () => {
    const child = spawn(
      program('chroot'),
      [...node.command('a', 'install', '--watch', '--interval', '1').slice(1)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    atEnd(() => child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.on('close', resolve));
    const link = at(`${PREFIX}/bin/ociwrap`);
    const isThere = () => {
      try {
        return readlinkSync(link) !== '' && node.call('a', 'status').status === 0;
      } catch {
        return false;
      }
    };
    waitUntil('it is installed', isThere);
    rmSync(link);
    waitUntil('it is mended', isThere);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 60_000);
});

describeWith(
  ['containerd', 'ctr', 'runc', 'busybox', 'unshare'],
  'an installation that containers run under',
  () => {
    /** With a `/run` of its own: other tests have theirs there. */
    const uninstall = (prefix: string, ...args: readonly string[]) =>
      runProgram(program('unshare'), [
        ...['--mount', 'sh', '-c', 'mount -t tmpfs t /run && mount -t tmpfs t /var/lib && exec "$@"', 'sh'],
        ...[ociwrap, 'uninstall', '--prefix', prefix, ...args],
      ]);

    test('uninstall names the container, and leaves what kills and deletes it', async () => {
      const prefix = join(scratchFolder('prefix'), 'ociwrap');
      removeCgroupAtEnd('default');
      const containerd = await startContainerd({ OCIWRAP_LOG_FILE: '/dev/null' });
      expect(runProgram(ociwrap, ['install', '--prefix', prefix])).toMatchObject(done);
      const id = `stays-${process.pid}`;
      const wrapper = join(prefix, 'bin/oci-runtime-wrapper');
      const options = ['--detach', '--runc-binary', wrapper, '--rootfs', busyboxRoot('image')];
      expect(containerd.ctr('run', ...options, id, '/bin/sleep', '600')).toMatchObject({ status: 0 });

      const { status, stdout, stderr } = uninstall(prefix);
      expect([status, stderr]).toEqual([1, expect.stringContaining('[ERR_INSTALLATION_IN_USE]')]);
      expect(stdout).toContain(`the container default/${id} (containerd) runs under ${wrapper}`);
      const told = runProgram(ociwrap, ['status', '--prefix', prefix, '--json']);
      expect([told.status, JSON.parse(told.stdout)]).toMatchObject([
        1,
        { isLeaving: true, containers: [{ by: 'containerd' }] },
      ]);

      expect(containerd.ctr('task', 'kill', '--signal', 'KILL', id)).toMatchObject({ status: 0 });
      expect(uninstall(prefix, '--wait', '1').status).toBe(1);
      waitUntil('the task has ended', () => containerd.ctr('task', 'rm', '--force', id).status === 0);
      expect(containerd.ctr('container', 'rm', id)).toMatchObject({ status: 0 });
      expect(uninstall(prefix, '--wait', '30')).toMatchObject(done);
      expect(readdirSync(join(prefix, '..'))).toEqual([]);
    }, 120_000);
  },
);

describeWith(['podman', 'conmon', 'runc', 'busybox', 'unshare'], 'an installation that podman calls', () => {
  test('the process that watches a container tells of it', () => {
    removeCgroupAtEnd('libpod_parent');
    const place = scratchFolder('podman');
    const prefix = join(scratchFolder('prefix'), 'ociwrap');
    expect(runProgram(ociwrap, ['install', '--prefix', prefix])).toMatchObject(done);
    const wrapper = join(prefix, 'bin/oci-runtime-wrapper');
    const podman = (...args: readonly string[]) =>
      runProgram(
        program('podman'),
        [
          ...['--root', join(place, 'root'), '--runroot', join(place, 'run'), '--tmpdir', join(place, 'tmp')],
          ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
          ...['--runtime', wrapper, ...args],
        ],
        {
          env: { HOME: place, OCIWRAP_LOG_FILE: '/dev/null', PODMAN_IGNORE_CGROUPSV1_WARNING: '1' },
          leavesProcess: true,
        },
      );
    atEnd(() => podman('rm', '--all', '--force', '--time', '0'));
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
    const options = ['--detach', '--network', 'none', '--log-driver', 'k8s-file', ...limits];
    expect(
      podman('run', ...options, '--name', 'stays', '--rootfs', busyboxRoot('image'), '/bin/sleep', '600')
        .status,
    ).toBe(0);
    const status = () =>
      JSON.parse(runProgram(ociwrap, ['status', '--prefix', prefix, '--json']).stdout)
        .containers as unknown[];
    expect(status()).toMatchObject([{ by: 'conmon', runtime: wrapper }]);
    expect(podman('rm', '--force', '--time', '0', 'stays').status).toBe(0);
    waitUntil('nobody watches it', () => status().length === 0);
  }, 60_000);
});
