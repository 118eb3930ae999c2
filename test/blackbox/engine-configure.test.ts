import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { startContainerd } from './containerd.js';
import { atBoot, CriNode } from './cri/cri-node.js';
import { runtimeService } from './cri/runtime-service.js';
import { IMAGE, RUNTIME, startDockerd } from './dockerd.js';
import { engineNode } from './engine-node.js';
import { busyboxRoot, kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, program, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { strace } from './traced-call.js';

const CONTAINERD = 'etc/containerd/config.toml';
const DAEMON = 'etc/docker/daemon.json';
const RECORD = 'var/lib/ociwrap/engines.json';
const PODMAN = 'etc/containers/containers.conf.d/99-ociwrap.conf';

describeWith(
  ['containerd', 'ctr', 'dockerd', 'podman', 'strace'],
  'ociwrap engine, on what Debian brings',
  () => {
    const node = engineNode();
    const stock = node.configuration();

    test('a dry run shows differences, and writes nothing', () => {
      const { status, stdout, stderr } = node.engine('configure', 'auto', '--dry-run');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('\n+  pod_annotations = ["sgs.snucse.org/*"]\n');
      expect(stdout).toContain('would write "/etc/docker/daemon.json"');
      expect(node.configuration()).toEqual(stock);
      expect(existsSync(join(node.root, 'var/lib/ociwrap'))).toBe(false);
    });

    test('configuring twice changes nothing, and unconfiguring gives every byte back', () => {
      chownSync(join(node.root, CONTAINERD), 0, 4);
      chmodSync(join(node.root, CONTAINERD), 0o640);
      const before = node.configuration();
      expect(node.engine('configure', 'auto')).toMatchObject({ status: 0, stderr: '' });
      const configured = node.configuration();
      expect(configured[join(node.root, CONTAINERD)]).toMatch(/^\d+ 0 4\n/);
      const record = () => statSync(join(node.root, RECORD)).ino;
      const recorded = record();
      expect(node.engine('configure', 'auto')).toMatchObject({ status: 0, stderr: '' });
      expect(node.configuration()).toEqual(configured);
      expect(record()).toBe(recorded);
      const { stdout } = node.engine('list', '--json');
      expect(JSON.parse(stdout)).toMatchObject(
        ['containerd', 'docker', 'podman'].map((engine) => ({
          engine,
          handlers: expect.arrayContaining([
            expect.objectContaining({ name: 'pvc', program: wrapper, isOurs: true }),
          ]),
        })),
      );
      expect(node.engine('unconfigure', 'auto')).toMatchObject({ status: 0, stderr: '' });
      expect(node.configuration()).toEqual(before);
      expect(existsSync(join(node.root, RECORD))).toBe(false);
    });

    test('a run that is killed at any rename is mended by the next one', () => {
      const before = node.configuration();
      node.engine('configure', 'docker');
      const whole = node.configuration();
      node.engine('unconfigure', 'docker');
      // That of the record, and that of the file.
      for (const when of [1, 2]) {
        const kill = strace(
          ...['-o', '/dev/null', '--trace=rename,renameat,renameat2'],
          `--inject=rename,renameat,renameat2:signal=KILL:when=${when}`,
        );
        const killed = node.engineUnder(kill, 'configure', 'docker', '--program', wrapper);
        expect(killed.status).not.toBe(0);
        expect(node.engine('configure', 'docker')).toMatchObject({ status: 0, stderr: '' });
        expect(node.configuration()).toEqual(whole);
        expect(node.engine('unconfigure', 'docker')).toMatchObject({ status: 0, stderr: '' });
        expect(node.configuration()).toEqual(before);
      }
    });

    test('commands at the same time: each handler is there, and each is taken out again', () => {
      const before = node.configuration();
      const handlers = ['one', 'two', 'three', 'four'];
      const all = (verb: string, ...args: readonly string[]) => {
        const script = `for handler in ${handlers.join(' ')}; do "$@" --handler "$handler" & done; wait`;
        node.engineUnder(['sh', '-c', script, 'sh'], verb, 'docker', ...args);
      };
      all('configure', '--program', wrapper);
      const { runtimes } = JSON.parse(readFileSync(join(node.root, DAEMON), 'utf8'));
      expect(Object.keys(runtimes).toSorted()).toEqual(handlers.toSorted());
      all('unconfigure');
      expect(node.configuration()).toEqual(before);
      expect(existsSync(join(node.root, RECORD))).toBe(false);
    });

    test('while another command is at it, it says so, and changes nothing', () => {
      const before = node.configuration();
      const held = ['flock', join(node.root, `${RECORD}.lock`)];
      const { status, stderr } = node.engineUnder(held, 'configure', 'docker', '--program', wrapper);
      rmSync(join(node.root, `${RECORD}.lock`));
      expect(status).toBe(1);
      expect(stderr).toContain('[ERR_INSTALLATION_BUSY]');
      expect(node.configuration()).toEqual(before);
    });

    test.each<[string, string, string, string]>([
      ['what is no TOML', CONTAINERD, 'version = 2\n[plugins\n', 'ERR_ENGINE_FILE_BROKEN'],
      [
        'a handler of somebody else',
        CONTAINERD,
        'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc]\n  runtime_type = "io.containerd.kata.v2"\n',
        'ERR_ENGINE_HANDLER_TAKEN',
      ],
      ['what containerd refuses', CONTAINERD, 'version = 2\nroot = 3\n', 'ERR_ENGINE_REFUSES'],
      ['a containerd without CRI', CONTAINERD, 'disabled_plugins = ["cri"]\n', 'ERR_ENGINE_NO_CRI'],
    ])('%s is left alone', (_, path, text, code) => {
      const place = join(node.root, path);
      const before = readFileSync(place);
      writeFileSync(place, text);
      const { status, stderr } = node.engine('configure', 'containerd');
      const after = readFileSync(place, 'utf8');
      writeFileSync(place, before);
      expect({ status, after }).toEqual({ status: 1, after: text });
      expect(stderr).toContain(`[${code}]`);
    });

    test('what an engine refuses with the change is put back', () => {
      const folder = '/var/lib/rancher/k3s/agent/etc/containerd';
      const bin = join(node.root, 'var/lib/rancher/k3s/data/current/bin');
      for (const each of [join(node.root, folder), bin]) mkdirSync(each, { recursive: true });
      writeFileSync(
        join(node.root, folder, 'config.toml'),
        `version = 3\nimports = ["${folder}/config-v3.toml.d/*.toml"]\n`,
      );
      // No containerd of today refuses what is written here: this one does, and says so as they do.
      writeFileSync(
        join(bin, 'containerd'),
        `#!/bin/sh\nfor file in ${folder}/config-v3.toml.d/*; do [ ! -e "$file" ] || exit 1; done\n`,
        { mode: 0o755 },
      );
      const { status, stderr } = node.engine('configure', 'auto');
      const left = existsSync(join(node.root, folder, 'config-v3.toml.d/99-ociwrap-pvc.toml'));
      node.engine('unconfigure', 'auto');
      rmSync(join(node.root, 'var/lib/rancher'), { recursive: true });
      expect({ status, left }).toEqual({ status: 1, left: false });
      expect(stderr).toContain('[ERR_ENGINE_REFUSES]');
    });

    test('a program that is not there is no handler', () => {
      const { status, stderr } = node.engineUnder([], 'configure', 'auto');
      expect({ status, files: node.configuration() }).toMatchObject({ status: 1 });
      expect(stderr).toContain('[ERR_ENGINE_PROGRAM]');
      expect(existsSync(join(node.root, DAEMON))).toBe(false);
    });
  },
);

describeWith(['containerd', 'ctr', 'runc', 'busybox'], 'containerd with a handler by ociwrap engine', () => {
  /** What makes it work without a network and in any file system; the rest is Debian's. */
  const SETTINGS = `
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "native"
`;
  const TOP = `
    sandbox_image = "localhost/busybox:test"
    disable_apparmor = true
    restrict_oom_score_adj = true
`;

  function configured(more: string, ...args: readonly string[]): string {
    const node = engineNode();
    const path = join(node.root, CONTAINERD);
    const stock = readFileSync(path, 'utf8');
    const settled = stock.replace(
      /(\[plugins\."io\.containerd\.grpc\.v1\.cri"\]\n)/,
      `$1${more === '' ? '' : TOP}`,
    );
    writeFileSync(path, settled + more);
    expect(node.engine('configure', 'containerd', ...args)).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(path, 'utf8').replace(/^version = 2\n/m, '');
    return text.replace('/var/lib/containerd/opt', scratchFolder('opt'));
  }

  test.each([[[]], [['--set-default']]])(
    "serves the kubelet on Debian's stock file, with %j",
    async (args) => {
      const { socket } = await startContainerd({}, `# stock\n${configured('', ...args)}`);
      expect(await runtimeService(socket).call('Version', {})).toMatchObject({ runtime_name: 'containerd' });
    },
    60_000,
  );

  test('pods of the handler start on their claims, and all others as ever', async () => {
    const node = await CriNode.start(configured(SETTINGS));
    const annotationsOf = { [TRIGGER]: '/mnt/boot' };
    const printed: Record<string, boolean> = {};
    for (const handler of ['pvc', undefined]) {
      const volume = kubeletVolume();
      const pod = { name: `of-${handler ?? 'none'}`, volume, annotations: annotationsOf };
      await node.inPod({ ...pod, ...(handler === undefined ? {} : { handler }) }, async (running) => {
        const container = { name: 'main', script: PRINT_ROOT, mounts: atBoot(volume) };
        const { exitCode, output } = await node.run(running, container);
        expect(exitCode).toBe(0);
        printed[handler ?? 'none'] = output.includes(printedRoot(volume.disk));
      });
    }
    expect(printed).toEqual({ pvc: true, none: false });
    // The sandbox and its container; runc is called without us.
    expect(node.records().map(({ decision }) => decision)).toEqual(['pass', 'rewrite']);
  }, 60_000);
});

describeWith(
  ['dockerd', 'docker', 'containerd', 'runc', 'busybox'],
  'Docker with a handler by ociwrap engine',
  () => {
    test('knows it from its daemon.json', async () => {
      const node = engineNode();
      expect(node.engine('configure', 'docker')).toMatchObject({ status: 0, stderr: '' });
      const log = join(scratchFolder('log'), 'wrapper.log');
      const { docker } = await startDockerd({ OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' }, [
        '--config-file',
        join(node.root, DAEMON),
      ]);
      const run = (...args: readonly string[]) =>
        docker('run', '--rm', '--network', 'none', ...args, IMAGE, '/bin/sh', '-c', 'echo started');
      expect(run('--runtime', RUNTIME)).toMatchObject({ status: 0, stdout: 'started\n' });
      const records = readFileSync(log, 'utf8');
      expect(records).toContain('"verb":"create"');
      expect(run()).toMatchObject({ status: 0, stdout: 'started\n' });
      expect(readFileSync(log, 'utf8')).toBe(records);
    }, 60_000);
  },
);

describeWith(['podman', 'conmon', 'runc', 'busybox'], 'podman with a handler by ociwrap engine', () => {
  test('knows it by its name, and believes its errors', () => {
    const node = engineNode();
    expect(node.engine('configure', 'podman')).toMatchObject({ status: 0, stderr: '' });
    const place = scratchFolder('podman');
    const log = join(place, 'wrapper.log');
    const run = (value: string, volume = kubeletVolume()) =>
      runProgram(
        program('podman'),
        [
          ...['--root', join(place, 'root'), '--runroot', join(place, 'run'), '--tmpdir', join(place, 'tmp')],
          ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
          ...['--runtime', 'pvc', 'run', '--rm', '--network', 'none', '--log-driver', 'k8s-file'],
          ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
          ...['--annotation', `${TRIGGER}=${value}`, '--volume', `${volume.path}:/mnt/boot`],
          ...['--rootfs', busyboxRoot('image'), '/bin/sh', '-c', PRINT_ROOT],
        ],
        {
          env: {
            CONTAINERS_CONF: join(node.root, PODMAN),
            OCIWRAP_LOG_FILE: log,
            HOME: place,
            PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
          },
        },
      );
    const volume = kubeletVolume();
    expect(run('/mnt/boot', volume)).toMatchObject({ status: 0, stdout: printedRoot(volume.disk) });
    const { status, stderr } = run('/nowhere');
    expect(status).not.toBe(0);
    expect(stderr).toContain('[ERR_VOLUME_NOT_FOUND]');
  }, 60_000);
});
