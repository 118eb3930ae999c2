import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { engineHost, type HostState, waitForFile } from './engine-host.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, topOf, volumeOf } from './root-container.js';
import { scratchFolder } from './scratch.js';

for (const runtime of ROOT_RUNTIMES) {
  describeWith([runtime.name, 'busybox', 'nsenter'], `a root that lives long, with ${runtime.name}`, () => {
    describe.each(['overlay', 'replace', 'seed'] as const)('%s', (strategy) => {
      const isOverlay = strategy === 'overlay';
      const first = imageOf({ 'etc/motd': 'first\n', 'etc/issue': 'first\n' });
      const newer = imageOf({ 'etc/motd': 'newer\n', 'etc/issue': 'newer\n', 'etc/added': 'newer\n' });
      const host = engineHost();
      const volume = volumeOf(host, strategy === 'replace' ? busyboxRoot('volume') : undefined);
      const caller = new RootCaller(host, runtime);
      const top = topOf(volume, strategy);
      const container = (script: string, image = first) => ({ volume, strategy, image, script });
      let before: HostState;
      beforeAll(() => {
        before = host.state();
      });

      test('what it wrote is there when it was killed, and the host has never seen a mount', () => {
        const script = 'echo kept > /kept.new; /bin/busybox mv /kept.new /kept; exec sleep 1000';
        const pid = caller.start('killed', container(script));
        waitForFile(join(top, 'kept'));
        expect(host.mounts()).toEqual(before.mounts);
        caller.killProcess(pid);
        expect(host.mounts()).toEqual(before.mounts);
        const again = caller.run('again', container('cat /kept'));
        expect(again).toMatchObject({ status: 0, stdout: 'kept\n', stderr: '' });
      });

      test('above a newer image its own files and its deletions stay, and what is new in the image is there', () => {
        const script = 'cat /etc/motd; echo changed > /etc/issue; /bin/busybox rm -f /etc/motd';
        expect(caller.run('changes', container(script))).toMatchObject({ status: 0 });
        expect(caller.warnings()).toEqual([]);
        const show =
          'cd /etc; for file in issue motd added; do echo "$file: $(cat $file || echo none)"; done';
        const { stdout } = caller.run('newer', container(show, newer));
        expect(stdout).toBe(`issue: changed\nmotd: none\nadded: ${isOverlay ? 'newer' : 'none'}\n`);
        const told = /^the image .* was "\w+" and is "\w+"/;
        expect(caller.warnings()).toEqual(strategy === 'replace' ? [] : [expect.stringMatching(told)]);
      });

      test('nothing of all that is left', () => {
        expect(caller.call(['delete', '--force', 'killed'])).toMatchObject({ status: 0 });
        const { run, ...after } = host.state();
        expect({ ...after, run: before.run }).toEqual(before);
        expect(run.filter((path) => !before.run.includes(path))).toEqual([
          '/run/ociwrap',
          // What the fast path reads: docs/ARCHITECTURE.md.
          expect.stringMatching(/^\/run\/ociwrap\/\d+-\d+$/),
          '/run/ociwrap/root',
        ]);
      });
    });
  });
}

describeWith(['runc', 'busybox', 'nsenter'], 'another image than before', () => {
  const NAMES = { from: 'registry/app:1', to: 'registry/app:2' };

  test.each([
    ['overlay', 'keep'],
    ['overlay', 'warn'],
    ['overlay', 'refuse'],
    ['seed', 'keep'],
    ['seed', 'warn'],
    ['seed', 'refuse'],
  ])('volumes.strategy = "%s", volumes.image-change = "%s"', (strategy, change) => {
    const host = engineHost();
    const config = scratchFolder('config');
    chmodSync(config, 0o755);
    const settings = `[volumes]\nstrategy = "${strategy}"\nimage-change = "${change}"\n`;
    writeFileSync(join(config, 'config.toml'), settings);
    host.shell('mount --bind "$1" /etc/ociwrap', config);
    const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
    const volume = volumeOf(host);
    const named = (name: string) => (spec: Spec) => ({
      ...spec,
      annotations: { ...spec.annotations, 'io.kubernetes.cri.image-name': name },
    });
    const image = imageOf();
    const run = (id: string, name: string) => caller.run(id, { volume, image, change: named(name) });
    expect(run('first', NAMES.from)).toMatchObject({ status: 0, stderr: '' });
    expect(run('same', NAMES.from)).toMatchObject({ status: 0, stderr: '' });
    expect(caller.warnings()).toEqual([]);

    const told = `was "${NAMES.from}" and is "${NAMES.to}"`;
    const other = run('other', NAMES.to);
    expect(other.status).toBe(change === 'refuse' ? 1 : 0);
    if (change === 'refuse') {
      expect(other.stderr).toContain('[ERR_IMAGE_CHANGED]');
      expect(other.stderr).toContain(told);
      expect(run('again', NAMES.to).status).toBe(1);
    }
    expect(caller.warnings()).toEqual(change === 'warn' ? [expect.stringContaining(told)] : []);
    if (change !== 'warn') expect(run('back', NAMES.from)).toMatchObject({ status: 0, stderr: '' });
  });
});
