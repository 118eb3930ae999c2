import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { engineHost, type HostState, waitForFile } from './engine-host.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, volumeOf } from './root-container.js';

for (const runtime of ROOT_RUNTIMES) {
  describeWith([runtime.name, 'busybox', 'nsenter'], `a root that lives long, with ${runtime.name}`, () => {
    describe.each(['overlay', 'replace'] as const)('%s', (strategy) => {
      const isOverlay = strategy === 'overlay';
      const first = imageOf({ 'etc/motd': 'first\n', 'etc/issue': 'first\n' });
      const newer = imageOf({ 'etc/motd': 'newer\n', 'etc/issue': 'newer\n', 'etc/added': 'newer\n' });
      const host = engineHost();
      const volume = volumeOf(host, isOverlay ? undefined : busyboxRoot('volume'));
      const caller = new RootCaller(host, runtime);
      const top = isOverlay ? join(volume.disk, 'upper') : volume.disk;
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
        const show =
          'cd /etc; for file in issue motd added; do echo "$file: $(cat $file || echo none)"; done';
        const { stdout } = caller.run('newer', container(show, newer));
        expect(stdout).toBe(`issue: changed\nmotd: none\nadded: ${isOverlay ? 'newer' : 'none'}\n`);
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
