import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf } from './bundle.js';
import { engineHost } from './engine-host.js';
import { busyboxRoot, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, program } from './programs.js';
import { ROOT_RUNTIMES, RootCaller, rootSpec, volumeOf } from './root-container.js';
import { scratchFolder } from './scratch.js';
import { failingCall } from './traced-call.js';

/** A machine that lacks something, and what of it stands in messages. */
const MACHINES: readonly (readonly [title: string, under: readonly string[], reason: string])[] = [
  ['unshare is denied', failingCall('unshare', 'EPERM'), 'unshare: EPERM'],
  ['a kernel without open_tree', failingCall('open_tree', 'ENOSYS'), 'open_tree: ENOSYS'],
  ['a filter that denies open_tree', failingCall('open_tree', 'EPERM'), 'open_tree: EPERM'],
  ['a kernel without move_mount', failingCall('move_mount', 'ENOSYS'), 'move_mount: ENOSYS'],
  ['a filter that denies move_mount', failingCall('move_mount', 'EPERM'), 'move_mount: EPERM'],
];

/** No runtime starts a container there; what it would be given is seen all the same. */
const WITHOUT_RIGHT = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];

describeWith(
  ['runc', 'crun', 'busybox', 'strace', 'nsenter', 'setpriv'],
  'where a root cannot be mounted',
  () => {
    const host = engineHost();

    describe.each(ROOT_RUNTIMES.filter(({ name }) => name !== 'runsc'))('with $name', (runtime) => {
      test.each(MACHINES)('%s: replace starts on the path of the volume', (_, under, reason) => {
        const caller = new RootCaller(host, runtime);
        const volume = volumeOf(host, busyboxRoot('volume'));
        const before = host.state();
        const script = `${PRINT_ROOT}; echo x > /file`;
        const bundle = bundleOf(rootSpec({ volume, strategy: 'replace', script }));
        const ended = caller.call(['run', '--bundle', bundle, 'c1'], { under });
        expect(ended).toEqual({ status: 0, signal: null, stdout: printedRoot(volume.disk), stderr: '' });
        expect(rootPath(bundle)).toBe(volume.path);
        expect(readFileSync(join(volume.disk, 'file'), 'utf8')).toBe('x\n');
        expect(caller.records()).toContainEqual(byPath(reason));
        expect({ ...host.state(), run: [] }).toEqual({ ...before, run: [] });
      });
    });

    test.each([
      ...MACHINES.map((row) => [...row, 'ERR_ROOT_NAMESPACE'] as const),
      ['no right to mount', WITHOUT_RIGHT, 'EPERM', 'ERR_ROOT_NAMESPACE'] as const,
      [
        'a kernel without openat2',
        failingCall('openat2', 'ENOSYS'),
        'openat2: ENOSYS',
        'ERR_ROOT_MOUNT',
      ] as const,
      ['a kernel without fsopen', failingCall('fsopen', 'ENOSYS'), 'ENOSYS', 'ERR_ROOT_MOUNT'] as const,
      ['a filter that denies fsopen', failingCall('fsopen', 'EPERM'), 'EPERM', 'ERR_ROOT_MOUNT'] as const,
    ])('%s: an overlay is refused', (_, under, reason, code) => {
      const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
      const volume = volumeOf(host);
      const before = host.state();
      const overlay = { volume, strategy: 'overlay', script: 'echo started' } as const;
      const ended = caller.run('c1', overlay, { under });
      expect(ended).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr).toContain(`[${code}]`);
      expect(ended.stderr).toContain(reason);
      expect({ ...host.state(), run: [] }).toEqual({ ...before, run: [] });
      // Its layers may have been made: no later start notices.
      expect(caller.run('c2', overlay)).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
    });

    test('no right to mount: replace gives the runtime the path of the volume', () => {
      const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
      const volume = volumeOf(host, busyboxRoot('volume'));
      const bundle = bundleOf(rootSpec({ volume, strategy: 'replace', script: 'true' }));
      const given = { under: WITHOUT_RIGHT, env: { SGS_RUNC_PATH: program('true') } };
      expect(caller.call(['create', '--bundle', bundle, 'c1'], given)).toMatchObject({ status: 0 });
      expect(rootPath(bundle)).toBe(volume.path);
      expect(caller.records()).toContainEqual(byPath('EPERM'));
    });

    test('no right to mount: what is no root is refused all the same', () => {
      const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
      const given = { under: WITHOUT_RIGHT, env: { SGS_RUNC_PATH: program('true') } };
      const empty = volumeOf(host);
      expect(caller.run('c1', { volume: empty, strategy: 'replace' }, given).stderr).toContain(
        '[ERR_VOLUME_EMPTY]',
      );
      const disk = busyboxRoot('volume');
      rmSync(join(disk, 'dev'), { recursive: true });
      symlinkSync('/', join(disk, 'dev'));
      const unsafe = volumeOf(host, disk);
      expect(caller.run('c2', { volume: unsafe, strategy: 'replace' }, given).stderr).toContain(
        '[ERR_ROOT_UNSAFE]',
      );
    });

    test('a call that fails and is not needed changes nothing', () => {
      const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
      for (const strategy of ['replace', 'overlay'] as const) {
        const disk = strategy === 'replace' ? busyboxRoot('volume') : scratchFolder('volume');
        const bundle = bundleOf(rootSpec({ volume: volumeOf(host, disk), strategy, script: 'true' }));
        const under = failingCall('mknodat', 'EPERM');
        const ended = caller.call(['run', '--bundle', bundle, strategy], { under });
        expect(ended).toMatchObject({ status: 0, stderr: '' });
        expect(rootPath(bundle)).toBe('/run/ociwrap/root');
      }
      expect(caller.records()).not.toContainEqual(byPath(''));
    });
  },
);

function rootPath(bundle: string): string {
  return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).root.path;
}

/** The record of a root by path. */
function byPath(reason: string): unknown {
  return expect.objectContaining({
    level: 'debug',
    msg: expect.stringMatching(
      new RegExp(
        `^the call can have no mount namespace of its own \\(.*${reason}\\): the runtime gets the path`,
      ),
    ),
  });
}
