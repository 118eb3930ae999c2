import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { startContainerd } from './containerd.js';
import { busyboxImage } from './cri/image-archive.js';
import { type RuntimeService, runtimeService } from './cri/runtime-service.js';
import { type KubeletVolume, kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, wrapper } from './programs.js';
import { removeCgroupAtEnd, scratchFolder } from './scratch.js';

const IMAGE = 'localhost/busybox:test';

/** What README.md tells an operator to write, and what makes containerd work without a network and in any file system. */
const plugins = `
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    default_runtime_name = "pvc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc]
      runtime_type = "io.containerd.runc.v2"
      pod_annotations = ["sgs.snucse.org/*"]
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc.options]
        BinaryName = "${wrapper}"
`;

interface Pod {
  readonly pod_sandbox_id: string;
  readonly config: { readonly log_directory: string };
}

interface PodOfVolume {
  readonly name: string;
  readonly volume: KubeletVolume;
  readonly value?: string;
  /** Of the pod, instead of the one with the value. */
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Status {
  readonly status: { readonly state: number; readonly exit_code: number };
}

describeWith(['containerd', 'ctr', 'runc', 'busybox'], 'a pod, as the kubelet starts it', () => {
  let cri: RuntimeService;
  let log: string;
  beforeAll(async () => {
    log = join(scratchFolder('log'), 'wrapper.log');
    removeCgroupAtEnd('k8s.io');
    const containerd = await startContainerd({ OCIWRAP_LOG_FILE: log }, plugins);
    // Left to the daemon, as newer ones can, the import unpacks for the default snapshotter.
    const { stdout: options } = containerd.ctr('images', 'import', '--help');
    const imported = containerd.ctr(
      ...['--namespace', 'k8s.io', 'images', 'import', '--snapshotter', 'native'],
      ...(options.includes('--local') ? ['--local'] : []),
      busyboxImage(IMAGE),
    );
    expect(imported).toMatchObject({ status: 0 });
    cri = runtimeService(containerd.socket);
  }, 60_000);

  /** Starts a pod on the node's network with the annotation, and takes it down again whatever happens in it. */
  async function inPod(
    { name, volume, value, annotations = { [TRIGGER]: value ?? '' } }: PodOfVolume,
    work: (pod: Pod) => Promise<void>,
  ) {
    const config = {
      metadata: { name, uid: volume.podUid, namespace: 'default' },
      log_directory: scratchFolder('pod-log'),
      annotations,
      linux: { security_context: { namespace_options: { network: 2 } } },
    };
    const { pod_sandbox_id } = await cri.call<{ pod_sandbox_id: string }>('RunPodSandbox', { config });
    try {
      await work({ pod_sandbox_id, config });
    } finally {
      await cri.call('StopPodSandbox', { pod_sandbox_id });
      await cri.call('RemovePodSandbox', { pod_sandbox_id });
    }
  }

  async function start(
    pod: Pod,
    name: string,
    volume: KubeletVolume,
    script: string,
    mounts: readonly object[] = [{ container_path: '/mnt/boot', host_path: volume.path }],
  ) {
    const { container_id } = await cri.call<{ container_id: string }>('CreateContainer', {
      pod_sandbox_id: pod.pod_sandbox_id,
      sandbox_config: pod.config,
      config: {
        metadata: { name },
        image: { image: IMAGE },
        command: ['/bin/sh', '-c', script],
        mounts,
        log_path: `${name}.log`,
        linux: { security_context: { namespace_options: { network: 2 } } },
      },
    });
    await cri.call('StartContainer', { container_id });
    for (;;) {
      const { status } = await cri.call<Status>('ContainerStatus', { container_id });
      if (status.state === 2) {
        return {
          exitCode: status.exit_code,
          output: readFileSync(join(pod.config.log_directory, `${name}.log`), 'utf8'),
        };
      }
      await pause(50);
    }
  }

  test('its sandbox starts as ever, its container on the claim, and the next container finds what the first one wrote', async () => {
    const volume = kubeletVolume();
    const script = `${PRINT_ROOT}; [ -f /visits ] && cat /visits; echo visit >> /visits`;
    await inPod({ name: 'stateful', volume, value: '/mnt/boot' }, async (pod) => {
      const first = await start(pod, 'first', volume, script);
      const second = await start(pod, 'second', volume, script);
      expect(first.exitCode).toBe(0);
      expect(first.output).toContain(printedRoot(volume.disk));
      expect(second.output).toContain('visit\n');
    });
    expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\nvisit\n');
    const creates = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(creates).toMatchObject([
      { verb: 'create', decision: 'pass', reason: 'sandbox container' },
      { verb: 'create', decision: 'rewrite', newRoot: volume.path },
      { verb: 'create', decision: 'rewrite', newRoot: volume.path },
    ]);
  }, 60_000);

  describe('of several containers', () => {
    const atBoot = (volume: KubeletVolume) => [{ container_path: '/mnt/boot', host_path: volume.path }];
    const backup = (volume: KubeletVolume) => [
      { container_path: '/data', host_path: volume.path, readonly: true },
    ];
    const records = (since: number) =>
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .slice(since)
        .map((line) => JSON.parse(line));
    const recorded = () => records(0).length;

    test.each<[string, (volume: KubeletVolume) => Record<string, string>]>([
      ['by a key', () => ({ [`${TRIGGER}.container.main`]: '/mnt/boot' })],
      ['by a list', ({ name }) => ({ [TRIGGER]: name, [`${TRIGGER}-containers`]: 'main' })],
    ])(
      'the one that is named %s starts on the volume, and all others on their image',
      async (_, annotationsOf) => {
        const volume = kubeletVolume();
        const since = recorded();
        const pod = { name: `named-${since}`, volume, annotations: annotationsOf(volume) };
        await inPod(pod, async (running) => {
          const printed: Record<string, boolean> = {};
          for (const [name, mounts] of [
            ['istio-init', []],
            ['istio-proxy', []],
            ['main', atBoot(volume)],
            ['backup', backup(volume)],
            // What `kubectl debug` adds while the others run.
            ['debugger-x7k2p', []],
          ] as const) {
            const { exitCode, output } = await start(running, name, volume, PRINT_ROOT, mounts);
            expect(exitCode).toBe(0);
            printed[name] = output.includes(printedRoot(volume.disk));
          }
          expect(printed).toEqual({
            'istio-init': false,
            'istio-proxy': false,
            main: true,
            backup: false,
            'debugger-x7k2p': false,
          });
        });
        expect(records(since).map(({ level, decision, reason }) => ({ level, decision, reason }))).toEqual([
          { level: 'info', decision: 'pass', reason: 'sandbox container' },
          ...['pass', 'pass', 'rewrite', 'pass', 'pass'].map((decision) => ({
            level: 'info',
            decision,
            reason: decision === 'pass' ? 'the volume is for the container "main"' : undefined,
          })),
        ]);
      },
      120_000,
    );

    test('none named, by the name of the volume: all that mount it to write start on it, and the others are told how to name one', async () => {
      const volume = kubeletVolume();
      const since = recorded();
      await inPod({ name: 'unnamed', volume, value: volume.name }, async (running) => {
        const begin = (name: string, mounts: readonly object[]) =>
          start(running, name, volume, PRINT_ROOT, mounts);
        const named = `${TRIGGER}.container.NAME`.replaceAll('.', '\\.');
        await expect(begin('istio-init', [])).rejects.toThrow(
          new RegExp(`\\[ERR_VOLUME_NOT_FOUND\\]: .*container .*istio-init.*${named}`),
        );
        await expect(begin('backup', backup(volume))).rejects.toThrow(
          new RegExp(`\\[ERR_CONTAINER_NOT_NAMED\\]: .*${named}`),
        );
        const { output } = await begin('main', atBoot(volume));
        expect(output).toContain(printedRoot(volume.disk));
      });
      expect(records(since).filter(({ level }) => level === 'warn')).toMatchObject([
        { msg: expect.stringContaining('no annotation names a container: each one of the pod that mounts') },
      ]);
    }, 120_000);

    test('an annotation that is nearly the one starts on the image, and is told in the log', async () => {
      const volume = kubeletVolume();
      const since = recorded();
      const annotations = { 'sgs.snucse.org/osvolume': '/mnt/boot' };
      await inPod({ name: 'slip', volume, annotations }, async (running) => {
        const { exitCode, output } = await start(running, 'main', volume, PRINT_ROOT);
        expect({ exitCode, isOnVolume: output.includes(printedRoot(volume.disk)) }).toEqual({
          exitCode: 0,
          isOnVolume: false,
        });
      });
      expect(records(since)).toMatchObject(
        ['sandbox', 'container'].flatMap(() => [
          { level: 'warn', msg: expect.stringContaining('did you mean "sgs.snucse.org/os-volume"') },
          { level: 'info', decision: 'pass', reason: 'no trigger text in config.json' },
        ]),
      );
    }, 120_000);
  });

  const refused: readonly { title: string; value: string; podUid?: string; says: RegExp }[] = [
    {
      title: 'a value that matches nothing',
      value: 'boot-pvc',
      says: /OCI runtime create failed: .*\[ERR_VOLUME_NOT_FOUND\]/,
    },
    {
      title: "another pod's claim",
      value: '/mnt/boot',
      podUid: 'someone-else',
      says: /OCI runtime create failed: .*\[ERR_VOLUME_OTHER_POD\]/,
    },
  ];
  test.each(refused)(
    '$title is refused, and the kubelet is told why in our words',
    async ({ value, podUid, says }) => {
      const volume = kubeletVolume();
      const pod = {
        name: `refused-${value.length}`,
        volume: { ...volume, podUid: podUid ?? volume.podUid },
        value,
      };
      await inPod(pod, async (running) => {
        await expect(start(running, 'refused', volume, 'true')).rejects.toThrow(says);
      });
    },
    60_000,
  );
});
