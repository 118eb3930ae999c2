import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { type Dockerd, IMAGE, RUNTIME, startDockerd } from './dockerd.js';
import { type KubeletVolume, kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

describeWith(['dockerd', 'docker', 'containerd', 'runc', 'busybox', 'tar'], 'Docker', () => {
  let dockerd: Dockerd;
  let log: string;
  beforeAll(async () => {
    log = join(scratchFolder('log'), 'wrapper.log');
    dockerd = await startDockerd({ OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' });
  }, 60_000);

  // The limits of the machine may be lower than those that the daemon asks for by itself.
  const run = (options: readonly string[], script: string) =>
    dockerd.docker(
      ...['run', '--rm', '--network', 'none', '--ulimit', 'nofile=1024:1024', ...options],
      ...[IMAGE, '/bin/sh', '-c', script],
    );
  const wrapped = ['--runtime', RUNTIME];
  const mounted = ({ path }: KubeletVolume) => ['--mount', `type=bind,src=${path},dst=/mnt/boot`];
  const annotated = (value: string) => ['--annotation', `${TRIGGER}=${value}`];

  test('no annotation: the container keeps its image, output and status are those without the wrapper', () => {
    const volume = kubeletVolume();
    const script = `${PRINT_ROOT} >&2; ls /mnt/boot; exit 7`;
    const bare = run(mounted(volume), script);
    const ours = run([...wrapped, ...mounted(volume)], script);
    expect(bare.status).toBe(7);
    expect(ours).toMatchObject({ status: 7, stdout: bare.stdout });
    expect(ours.stderr).not.toContain(printedRoot(volume.disk));
    expect(readFileSync(log, 'utf8')).toContain('"decision":"pass"');
  });

  test('the annotation: the root is the claim, and stays from one container to the next', () => {
    const volume = kubeletVolume();
    const script = `${PRINT_ROOT}; [ -f /visits ] && cat /visits; echo visit >> /visits`;
    const starts = [1, 2].map(() => run([...wrapped, ...mounted(volume), ...annotated('/mnt/boot')], script));
    if (dockerd.hasAnnotations) {
      expect(starts[0]).toEqual({ status: 0, signal: null, stdout: printedRoot(volume.disk), stderr: '' });
      expect(starts[1]).toMatchObject({ status: 0, stdout: `${printedRoot(volume.disk)}visit\n` });
      expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\nvisit\n');
    } else {
      expect(starts.map(({ stderr }) => stderr)).toEqual(
        Array(2).fill(expect.stringContaining('unknown flag: --annotation')),
      );
    }
  });

  test('an annotation that matches nothing: the client prints our message', () => {
    const { status, stdout, stderr } = run(
      [...wrapped, ...mounted(kubeletVolume()), ...annotated('/nope')],
      'true',
    );
    expect(status).toBe(125);
    expect(stdout).toBe('');
    if (dockerd.hasAnnotations) {
      expect(stderr).toContain('OCI runtime create failed');
      expect(stderr).toContain('[ERR_VOLUME_NOT_FOUND]');
    } else {
      expect(stderr).toContain('unknown flag: --annotation');
    }
  });

  test('exec, stop and rm of a running container go through unseen', () => {
    const options = [...wrapped, '--network', 'none', '--ulimit', 'nofile=1024:1024'];
    const name = `life-${process.pid}`;
    const started = dockerd.docker(
      'run',
      '--detach',
      '--name',
      name,
      ...options,
      IMAGE,
      '/bin/sh',
      '-c',
      'sleep 600',
    );
    expect(started).toMatchObject({ status: 0 });
    expect(dockerd.docker('exec', name, 'echo', 'inside')).toEqual({
      ...{ status: 0, signal: null, stdout: 'inside\n', stderr: '' },
    });
    expect(dockerd.docker('stop', '-t', '0', name)).toMatchObject({ status: 0, stdout: `${name}\n` });
    expect(dockerd.docker('rm', name)).toMatchObject({ status: 0, stdout: `${name}\n` });
  });
});
