import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Containerd, startContainerd } from '../containerd.js';
import type { KubeletVolume } from '../kubelet-volume.js';
import { wrapper } from '../programs.js';
import { removeCgroupAtEnd, scratchFolder } from '../scratch.js';
import { busyboxImage } from './image-archive.js';
import { type RuntimeService, runtimeService } from './runtime-service.js';

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

export interface Pod {
  readonly pod_sandbox_id: string;
  readonly config: { readonly log_directory: string };
}

/** What a pod is made of: its name, the claim that is its own, and its annotations. */
export interface PodOfVolume {
  readonly name: string;
  readonly volume: KubeletVolume;
  readonly annotations: Readonly<Record<string, string>>;
  /** What the RuntimeClass of the pod names; the engine's default if none. */
  readonly handler?: string;
}

/** A container of a pod. */
export interface PodContainer {
  readonly name: string;
  readonly script: string;
  readonly mounts: readonly object[];
  readonly tty?: boolean;
  /** Default: one with busybox. */
  readonly image?: string;
}

export interface PodEnd {
  readonly exitCode: number;
  readonly output: string;
}

interface Status {
  readonly status: { readonly state: number; readonly exit_code: number };
}

interface ExecEnd {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exit_code: number;
}

/** CONTAINER_EXITED of `runtime-v1.proto`. */
const EXITED = 2;

/** Imports an archive where pods find it. Left to the daemon, as newer ones can, the import unpacks for the default snapshotter. */
export function importImage(ctr: Containerd['ctr'], archive: string, options: readonly string[] = []): void {
  const { stdout: help } = ctr('images', 'import', '--help');
  const local = help.includes('--local') ? ['--local'] : [];
  const imported = ctr('--namespace', 'k8s.io', 'images', 'import', ...options, ...local, archive);
  if (imported.status !== 0) throw new Error(`ctr images import: ${imported.stderr}`);
}

/** Where the claim of a pod is mounted in its container. */
export const atBoot = ({ path }: KubeletVolume): readonly object[] => [
  { container_path: '/mnt/boot', host_path: path },
];

/** A node: containerd with the wrapper as its runtime, called as the kubelet calls it. */
export class CriNode {
  /** The wrapper's log. */
  readonly log: string;
  readonly #cri: RuntimeService;

  constructor(log: string, cri: RuntimeService) {
    this.log = log;
    this.#cri = cri;
  }

  /** @param configured - the configuration of containerd, where another way than the documented one leads to the wrapper */
  static async start(configured = plugins): Promise<CriNode> {
    const log = join(scratchFolder('log'), 'wrapper.log');
    removeCgroupAtEnd('k8s.io');
    const { ctr, socket } = await startContainerd(
      { OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' },
      configured,
    );
    importImage(ctr, busyboxImage(IMAGE), ['--snapshotter', 'native']);
    return new CriNode(log, runtimeService(socket));
  }

  /** The records of starts in the wrapper's log, from one of them on. */
  records(since = 0): readonly Readonly<Record<string, unknown>>[] {
    if (!existsSync(this.log)) return [];
    return readFileSync(this.log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ verb }) => verb === 'create')
      .slice(since);
  }

  /** Starts a pod on the node's network, and takes it down again whatever happens in it. */
  async inPod(pod: PodOfVolume, work: (pod: Pod) => Promise<void>): Promise<void> {
    const config = {
      metadata: { name: pod.name, uid: pod.volume.podUid, namespace: 'default' },
      log_directory: scratchFolder('pod-log'),
      annotations: pod.annotations,
      linux: { security_context: { namespace_options: { network: 2 } } },
    };
    const { pod_sandbox_id } = await this.#cri.call<{ pod_sandbox_id: string }>('RunPodSandbox', {
      config,
      runtime_handler: pod.handler ?? '',
    });
    try {
      await work({ pod_sandbox_id, config });
    } finally {
      await this.#cri.call('StopPodSandbox', { pod_sandbox_id });
      await this.#cri.call('RemovePodSandbox', { pod_sandbox_id });
    }
  }

  /** Creates and starts a container of a pod, and gives its id. */
  async start(pod: Pod, { name, script, mounts, tty = false, image = IMAGE }: PodContainer): Promise<string> {
    const { container_id } = await this.#cri.call<{ container_id: string }>('CreateContainer', {
      pod_sandbox_id: pod.pod_sandbox_id,
      sandbox_config: pod.config,
      config: {
        metadata: { name },
        image: { image },
        command: ['/bin/sh', '-c', script],
        mounts,
        tty,
        log_path: `${name}.log`,
        linux: { security_context: { namespace_options: { network: 2 } } },
      },
    });
    await this.#cri.call('StartContainer', { container_id });
    return container_id;
  }

  /** Ends a container with a signal that it cannot ignore. */
  async kill(container_id: string): Promise<void> {
    await this.#cri.call('StopContainer', { container_id, timeout: 0 });
  }

  /** Runs a program in a container, as `kubectl exec` does, and gives what it prints. */
  async exec(container_id: string, ...cmd: readonly string[]): Promise<PodEnd> {
    const { stdout, stderr, exit_code } = await this.#cri.call<ExecEnd>('ExecSync', { container_id, cmd });
    return { exitCode: exit_code, output: `${stdout}${stderr}` };
  }

  /** Removes a container that has ended. */
  async remove(container_id: string): Promise<void> {
    await this.#cri.call('RemoveContainer', { container_id });
  }

  /** Waits until a container has ended. */
  async ended(pod: Pod, container: Pick<PodContainer, 'name'>, container_id: string): Promise<PodEnd> {
    for (;;) {
      const { status } = await this.#cri.call<Status>('ContainerStatus', { container_id });
      if (status.state === EXITED) {
        const output = readFileSync(join(pod.config.log_directory, `${container.name}.log`), 'utf8');
        return { exitCode: status.exit_code, output };
      }
      await pause(50);
    }
  }

  /** Runs a container to its end. */
  async run(pod: Pod, container: PodContainer): Promise<PodEnd> {
    return this.ended(pod, container, await this.start(pod, container));
  }
}
