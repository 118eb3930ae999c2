import { statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { engineHost } from './engine-host.js';
import { ext4 } from './ext4.js';
import { describeWith, ociwrap } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, volumeOf } from './root-container.js';

describeWith(['runc', 'busybox', 'nsenter', 'mkfs.ext4', 'losetup'], 'a volume that is full', () => {
  const [runc] = ROOT_RUNTIMES;
  const image = imageOf({ 'etc/motd': 'image\n', 'etc/issue': 'x'.repeat(100_000), 'etc/empty': '' });

  test('a program in the container is told so, and what it removes is free for the next', () => {
    // Blocks for root alone would be free for a container with root's rights.
    const { path: disk } = ext4('16M', '-m', '0', '-N', '200');
    const host = engineHost();
    const volume = volumeOf(host, disk);
    const caller = new RootCaller(host, runc);
    const run = (id: string, script: string) => {
      const { status, stdout, stderr } = caller.run(id, { volume, strategy: 'overlay', image, script });
      return { status, stdout, stderr };
    };
    const filled = run('fills', 'cat /dev/zero > /zero; echo $?');
    expect(filled).toEqual({
      status: 0,
      stdout: '1\n',
      stderr: 'cat: write error: No space left on device\n',
    });
    // A file of the image is copied up as a whole before its first change.
    const changes = run(
      'changes',
      'echo x >> /etc/issue || echo $?; /bin/busybox chmod 600 /etc/issue; echo $?; /bin/busybox rm /etc/motd; echo $?',
    );
    expect(changes.stdout).toBe('1\n1\n0\n');
    expect(changes.stderr).toBe(
      "/bin/sh: can't create /etc/issue: No space left on device\nchmod: /etc/issue: No space left on device\n",
    );
    expect(run('frees', '/bin/busybox rm /zero; echo x >> /etc/issue; echo $?')).toMatchObject({
      stdout: '0\n',
      stderr: '',
    });
    expect(statSync(join(disk, 'upper/etc/issue')).size).toBe(100_002);
    const empty = run(
      'inodes',
      `i=0; while /bin/busybox touch /etc/f$i 2>/dev/null; do i=$((i+1)); done
      /bin/busybox rm /etc/empty; echo $?; /bin/busybox rm /etc/f1; /bin/busybox rm /etc/empty; echo $?`,
    );
    // To delete something of the image takes an inode, too: that of a whiteout.
    expect(empty).toEqual({
      status: 0,
      stdout: '1\n0\n',
      stderr: "rm: can't remove '/etc/empty': No space left on device\n",
    });
    const refused = run('refused', 'true');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('[ERR_VOLUME_FULL]') });
    const status = JSON.parse(host.run(ociwrap, ['volume', 'status', volume.path, '--json']).stdout);
    expect(Number(status.fileSystem.freeInodes)).toBeLessThan(8);
    // What is removed by hand is removed from the upper.
    host.shell('rm "$1"/upper/etc/f1*', disk);
    expect(run('again', 'echo started')).toMatchObject({ status: 0, stdout: 'started\n' });
  });
});
