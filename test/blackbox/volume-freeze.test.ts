import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { engineHost, waitForFile } from './engine-host.js';
import { ext4 } from './ext4.js';
import { describeWith, root } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, volumeOf } from './root-container.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { waitUntil } from './wait-until.js';

/** What docs/volumes.md tells people to do. */
const [, RECIPE = ''] =
  /<!-- test\/blackbox\/volume-freeze\.test\.ts runs this -->\n```sh\n(.*?)^```$/ms.exec(
    readFileSync(join(root, 'docs/volumes.md'), 'utf8'),
  ) ?? [];

/** A cluster whose driver cuts a snapshot by copying the disk, but not at once. */
const KUBECTL = `#!/bin/sh
set -eu
case "$*" in
  'create -f snapshot.yaml') ;;
  "get volumesnapshot root-1 -o jsonpath={.status.creationTime}")
    if [ -e asked-again ]; then cp --sparse=always "$DISK" snapshot.img; echo 2026-11-29T13:00:00Z; else echo > asked-again; fi ;;
  *) echo "kubectl: $*" >&2; exit 1 ;;
esac
`;

const WITH = ['runc', 'busybox', 'nsenter', 'mkfs.ext4', 'fsck.ext4', 'losetup', 'fsfreeze', 'mountpoint'];

describeWith(WITH, 'a snapshot of a frozen volume', () => {
  test('has all that was written, and needs no repair; the container goes on', () => {
    const { disk, path } = ext4('16M');
    const host = engineHost();
    const volume = volumeOf(host, path);
    const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
    const image = imageOf({ 'etc/motd': 'image\n' });
    // It goes on writing all the time.
    const script = `cd /; /bin/busybox seq 20000 > numbers; echo mine > etc/motd; echo > written
      while :; do echo line >> log; sleep 0.01; done`;
    const pid = caller.start('frozen', { volume, strategy: 'overlay', image, script });
    const upper = join(path, 'upper');
    waitForFile(join(upper, 'written'));

    const folder = scratchFolder('recipe');
    writeFileSync(join(folder, 'kubectl'), KUBECTL);
    chmodSync(join(folder, 'kubectl'), 0o755);
    expect(RECIPE).toContain('fsfreeze --freeze');
    const followed = runProgram('sh', ['-c', RECIPE], {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env['PATH']}`,
        VOLUME: path,
        SNAPSHOT: 'root-1',
        DISK: disk,
      },
    });
    expect(followed).toMatchObject({ status: 0, stderr: '' });
    const size = () => statSync(join(upper, 'log')).size;
    const before = size();
    waitUntil('the container goes on writing', () => size() > before);
    caller.killProcess(pid);
    expect(caller.call(['delete', '--force', 'frozen'])).toMatchObject({ status: 0 });

    const snapshot = join(folder, 'snapshot.img');
    const checked = runProgram('fsck.ext4', ['-fn', snapshot]);
    expect(checked).toMatchObject({ status: 0, stdout: expect.not.stringMatching(/recover|fix|clear/i) });
    const place = scratchFolder('restored');
    host.shell('mount -o loop "$1" "$2"', snapshot, place);
    const restored = volumeOf(host, place);
    const show = '/bin/busybox tail -n 1 /numbers; cat /etc/motd; /bin/busybox sort -u /log';
    const ended = caller.run('restored', { volume: restored, strategy: 'overlay', image, script: show });
    expect(ended.stdout).toBe('20000\nmine\nline\n');
    expect(caller.warnings()).toEqual([]);
  });
});
