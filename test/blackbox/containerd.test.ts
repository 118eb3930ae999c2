import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { type Containerd, startContainerd } from './containerd.js';
import { busyboxRoot, type KubeletVolume, kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, ociwrap, program, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

describeWith(['containerd', 'ctr', 'runc', 'busybox'], 'containerd', () => {
  let containerd: Containerd;
  let log: string;
  beforeAll(async () => {
    log = join(scratchFolder('log'), 'wrapper.log');
    containerd = await startContainerd({ OCIWRAP_LOG_FILE: log });
  }, 60_000);

  const run = (id: string, script: string, options: readonly string[], runtime = wrapper) =>
    containerd.ctr(
      ...['run', '--rm', '--runc-binary', runtime, ...options, '--rootfs', busyboxRoot('image')],
      ...[`${id}-${process.pid}`, '/bin/sh', '-c', script],
    );
  const claim = ({ path, name }: KubeletVolume, value = name) => [
    '--annotation',
    `${TRIGGER}=${value}`,
    '--mount',
    `type=bind,src=${path},dst=/mnt/boot,options=rbind:rw`,
  ];

  test('ctr run: the root is the claim, and stays from one container to the next', () => {
    const volume = kubeletVolume();
    const script = `${PRINT_ROOT}; [ -f /visits ] && cat /visits; echo visit >> /visits`;
    const first = run('first', script, claim(volume));
    const second = run('second', script, claim(volume));
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toContain(printedRoot(volume.disk));
    expect(first.stdout).not.toContain('visit\n');
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(second.stdout).toContain('visit\n');
    expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\nvisit\n');
  });

  test('an annotation that matches nothing: ctr prints our message', () => {
    const { status, stdout, stderr } = run('refused', 'true', claim(kubeletVolume(), 'boot-pvc'));
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('OCI runtime create failed');
    expect(stderr).toContain('[ERR_VOLUME_NOT_FOUND]');
    expect(stderr).not.toContain('unable to retrieve OCI runtime error');
  });

  test('of a container that was refused, explain tells what and why from the record of containerd', () => {
    const id = `kept-${process.pid}`;
    const started = containerd.ctr(
      ...['run', '--detach', '--runc-binary', wrapper, ...claim(kubeletVolume(), 'boot-pvc')],
      ...['--rootfs', busyboxRoot('image'), id, '/bin/sh', '-c', 'true'],
    );
    expect(started.status).not.toBe(0);
    const { stdout: record } = containerd.ctr('container', 'info', id);
    const { status, stdout, stderr } = runProgram(ociwrap, ['explain', '-'], { input: record });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('[ERR_VOLUME_NOT_FOUND]');
    expect(stdout).toContain('"boot-pvc" matches no mounted volume');
    expect(containerd.ctr('container', 'delete', id)).toMatchObject({ status: 0 });
  });

  test('no annotation: output and status are those with bare runc', () => {
    const script = 'echo out; echo err >&2; exit 7';
    const bare = run('bare', script, [], program('runc'));
    const wrapped = run('wrapped', script, []);
    expect(bare).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(wrapped).toEqual(bare);
  });

  test('exec, kill and ps of a running container go through unseen', () => {
    const volume = kubeletVolume();
    const id = `life-${process.pid}`;
    const started = containerd.ctr(
      ...['run', '--detach', '--runc-binary', wrapper, ...claim(volume), '--rootfs', busyboxRoot('image')],
      ...[id, '/bin/sh', '-c', 'sleep 600'],
    );
    expect(started).toMatchObject({ status: 0 });
    const exec = containerd.ctr(
      'task',
      'exec',
      '--exec-id',
      'e1',
      id,
      '/bin/sh',
      '-c',
      'echo inside > /proof; cat /proof',
    );
    expect(exec).toMatchObject({ status: 0, stdout: 'inside\n', stderr: '' });
    expect(readFileSync(join(volume.disk, 'proof'), 'utf8')).toBe('inside\n');
    expect(containerd.ctr('task', 'ps', id)).toMatchObject({ status: 0, stderr: '' });
    expect(containerd.ctr('task', 'kill', '--signal', 'KILL', id)).toMatchObject({ status: 0 });
    expect(containerd.ctr('task', 'delete', '--force', id).status).not.toBeNull();
    expect(containerd.ctr('container', 'delete', id)).toMatchObject({ status: 0 });
  });
});
