import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { busyboxRoot, type KubeletVolume, kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, program, root, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { atEnd, scratchFolder } from './scratch.js';

/** What a document shows between its fences. */
function documented(file: string, fenced: RegExp): string {
  const text = fenced.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  if (text === undefined) throw new Error(`${file} does not show ${fenced}`);
  return text;
}

describeWith(['podman', 'conmon', 'runc', 'busybox'], 'podman', () => {
  let place: string;
  beforeAll(() => {
    place = scratchFolder('podman');
    // podman 5 leaves a mount for each container that is not removed.
    atEnd(() => podman(wrapper, 'rm', '--all', '--force', '--time', '0'));
  });

  const podman = (runtime: string, ...args: readonly string[]) => podmanIn({}, runtime, ...args);
  const podmanIn = (env: Readonly<Record<string, string>>, runtime: string, ...args: readonly string[]) => {
    const storage = [
      '--root',
      join(place, 'root'),
      '--runroot',
      join(place, 'run'),
      '--tmpdir',
      join(place, 'tmp'),
    ];
    const plain = ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'];
    return runProgram(program('podman'), [...storage, ...plain, '--runtime', runtime, ...args], {
      env: {
        OCIWRAP_LOG_FILE: join(place, 'wrapper.log'),
        HOME: place,
        // podman 5 says of itself that it does not like the machine's hierarchy.
        PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
        ...env,
      },
    });
  };
  // The limits of the machine may be lower than those that podman asks for by itself.
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
  const run = (
    runtime: string,
    options: readonly string[],
    script: string,
    env: Readonly<Record<string, string>> = {},
  ) =>
    podmanIn(
      ...([env, runtime] as const),
      ...['run', '--rm', '--network', 'none', '--log-driver', 'k8s-file', ...limits, ...options],
      ...['--rootfs', busyboxRoot('image'), '/bin/sh', '-c', script],
    );
  const claim = ({ path, name }: KubeletVolume, value = name) => [
    ...['--annotation', `${TRIGGER}=${value}`, '--volume', `${path}:/mnt/boot`],
  ];

  test('podman run: the root is the claim, and stays from one container to the next', () => {
    const volume = kubeletVolume();
    const script = `${PRINT_ROOT}; [ -f /visits ] && cat /visits; echo visit >> /visits`;
    const first = run(wrapper, claim(volume), script);
    const second = run(wrapper, claim(volume), script);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toContain(printedRoot(volume.disk));
    expect(second.stdout).toContain('visit\n');
    expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\nvisit\n');
  });

  test('an annotation that matches nothing: podman prints our message', () => {
    const { status, stderr } = run(wrapper, claim(kubeletVolume(), 'boot-pvc'), 'true');
    expect(status).toBe(126);
    expect(stderr).toContain('[ERR_VOLUME_NOT_FOUND]');
  });

  /** A folder with what docs/configuration.md says of podman's messages. */
  const readable: readonly { title: string; runtime: () => string; conf?: string }[] = [
    {
      title: 'with the line in containers.conf',
      runtime: () => wrapper,
      conf: documented('docs/configuration.md', /```toml\n(\[engine\]\nruntime_supports_json[^`]*)```/),
    },
    {
      title: 'through a link of the name runc',
      runtime: () => {
        const link = join(scratchFolder('podman-link'), 'runc');
        symlinkSync(wrapper, link);
        return link;
      },
    },
  ];
  test.each(readable)(
    '$title podman asks for JSON, and shows our message alone',
    ({ runtime, conf = '' }) => {
      const file = join(scratchFolder('containers-conf'), 'containers.conf');
      writeFileSync(file, conf);
      const { status, stderr } = run(runtime(), claim(kubeletVolume(), 'boot-pvc'), 'true', {
        CONTAINERS_CONF: file,
      });
      expect(status).toBe(126);
      expect(stderr).toContain('[ERR_VOLUME_NOT_FOUND]');
      expect(stderr).not.toMatch(/level=error|time=|"msg"/);
    },
  );

  test('without them it shows the line of the log', () => {
    expect(run(wrapper, claim(kubeletVolume(), 'boot-pvc'), 'true').stderr).toMatch(
      /level=error|oci-runtime-wrapper: /,
    );
  });

  test('no annotation: output and status are those with bare runc', () => {
    const script = 'echo out; exit 7';
    const bare = run(program('runc'), [], script);
    expect(bare).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(run(wrapper, [], script)).toEqual(bare);
  });

  test('stop, kill and rm, which podman calls without PATH', () => {
    const options = [
      '--detach',
      '--name',
      'life',
      '--network',
      'none',
      '--log-driver',
      'k8s-file',
      ...limits,
    ];
    const started = podman(
      wrapper,
      'run',
      ...options,
      '--rootfs',
      busyboxRoot('image'),
      '/bin/sh',
      '-c',
      'sleep 600',
    );
    expect(started).toMatchObject({ status: 0, stderr: '' });
    expect(podman(wrapper, 'kill', '--signal', 'KILL', 'life')).toMatchObject({ status: 0, stderr: '' });
    expect(podman(wrapper, 'wait', 'life')).toMatchObject({ status: 0, stdout: '137\n' });
    expect(podman(wrapper, 'rm', '--force', 'life')).toMatchObject({ status: 0, stderr: '' });
  });
});
