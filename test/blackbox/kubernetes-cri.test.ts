import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { beforeAll, expect, test } from '@jest/globals';

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
    const imported = containerd.ctr(
      '--namespace',
      'k8s.io',
      'images',
      'import',
      '--snapshotter',
      'native',
      busyboxImage(IMAGE),
    );
    expect(imported).toMatchObject({ status: 0 });
    cri = runtimeService(containerd.socket);
  }, 60_000);

  /** Starts a pod on the node's network with the annotation, and takes it down again whatever happens in it. */
  async function inPod(
    { name, volume, value }: { name: string; volume: KubeletVolume; value: string },
    work: (pod: Pod) => Promise<void>,
  ) {
    const config = {
      metadata: { name, uid: volume.podUid, namespace: 'default' },
      log_directory: scratchFolder('pod-log'),
      annotations: { [TRIGGER]: value },
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

  async function start(pod: Pod, name: string, volume: KubeletVolume, script: string) {
    const { container_id } = await cri.call<{ container_id: string }>('CreateContainer', {
      pod_sandbox_id: pod.pod_sandbox_id,
      sandbox_config: pod.config,
      config: {
        metadata: { name },
        image: { image: IMAGE },
        command: ['/bin/sh', '-c', script],
        mounts: [{ container_path: '/mnt/boot', host_path: volume.path }],
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
