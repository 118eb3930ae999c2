import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type KubeletVolume, kubeletVolume } from '../kubelet-volume.js';
import { program } from '../programs.js';
import { type Ended, type RunOptions, runProgram } from '../run-program.js';
import { atEnd, removeCgroupAtEnd, scratchFolder } from '../scratch.js';
import { CriNode, importImage } from './cri-node.js';
import { busyboxImage } from './image-archive.js';
import { runtimeService } from './runtime-service.js';

/** The image of containers that name none. */
const IMAGE = 'localhost/busybox:test';

/** Folders of the node that are its own, with what they begin with: nothing, or what the machine has there. */
const OWN_FOLDERS = { etc: '/etc', opt: '', run: '', 'var/lib': '', 'var/log': '' } as const;

const MAKE_NODE = `
  for folder in ${Object.keys(OWN_FOLDERS).join(' ')}; do mount -n --bind "$0/$folder" "/$folder"; done
  mkdir -p /run/lock /var/lib/kubelet
  echo made
  exec sleep infinity`;

/**
 * A machine with Debian's containerd as its package leaves it: in a mount namespace of its own, with its own /etc, /opt, /run, /var/lib
 * and /var/log.
 */
export class StockNode {
  /** Where those folders can be seen from outside. */
  readonly folder = scratchFolder('node');
  readonly #namespace: ChildProcess;
  #containerd: ChildProcess | undefined;

  private constructor() {
    for (const [name, from] of Object.entries(OWN_FOLDERS)) {
      mkdirSync(join(this.folder, name), { recursive: true, mode: 0o755 });
      if (from !== '') runProgram('cp', ['-a', `${from}/.`, join(this.folder, name)]);
    }
    this.#restrictScores();
    removeCgroupAtEnd('k8s.io');
    this.#namespace = spawn(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-euc', MAKE_NODE, this.folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    atEnd(() => this.#namespace.kill('SIGKILL'));
  }

  static async make(): Promise<StockNode> {
    const node = new StockNode();
    const { stdout } = node.#namespace;
    if (stdout === null) throw new Error('the node has no standard output');
    await once(stdout, 'data');
    return node;
  }

  /** The path of a file of the node, from outside. */
  pathOf(path: string): string {
    return join(this.folder, path);
  }

  /** Runs a program on the node. */
  run(file: string, args: readonly string[], options: RunOptions = {}): Ended {
    return runProgram('nsenter', [...this.#entered(), file, ...args], options);
  }

  /** Starts containerd as its unit does, and waits until it serves the kubelet. */
  async startContainerd(): Promise<void> {
    const daemon = spawn('nsenter', [...this.#entered(), program('containerd')], {
      stdio: 'ignore',
      // Otherwise what is passed is not logged.
      env: { PATH: process.env['PATH'], OCIWRAP_LOG_LEVEL: 'debug' },
    });
    this.#containerd = daemon;
    atEnd(() => this.stopContainerd());
    while (this.ctr('version').status !== 0) {
      if (daemon.exitCode !== null) throw new Error(`containerd ended with status ${daemon.exitCode}`);
      await pause(50);
    }
  }

  /** Ends containerd as systemd does, which leaves its shims alone (`KillMode=process`). */
  async stopContainerd(): Promise<void> {
    const daemon = this.#containerd;
    if (daemon === undefined) return;
    this.#containerd = undefined;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }

  async restartContainerd(): Promise<void> {
    await this.stopContainerd();
    await this.startContainerd();
  }

  ctr(...args: readonly string[]): Ended {
    return this.run(program('ctr'), args);
  }

  /** Imports what containers and sandboxes are made of: this node has no network. */
  importImages(): void {
    const { stdout } = this.run(program('containerd'), ['config', 'dump']);
    const [, pause = ''] = /^\s*sandbox(?:_image)? = ['"](.+)['"]$/m.exec(stdout) ?? [];
    for (const name of [IMAGE, pause]) importImage((...args) => this.ctr(...args), busyboxImage(name));
  }

  /** The containerd that runs, called as the kubelet calls it. */
  cri(): CriNode {
    const socket = this.pathOf('run/containerd/containerd.sock');
    return new CriNode(this.pathOf('var/log/sgs-runtime-wrapper.log'), runtimeService(socket));
  }

  /** A claim, mounted where the kubelet of this node has it. */
  volume(): KubeletVolume {
    const volume = kubeletVolume({ mounted: false });
    const folder = join(this.folder, volume.path);
    mkdirSync(folder, { recursive: true });
    const data = join(volume.path, '../vol_data.json');
    writeFileSync(join(this.folder, data), readFileSync(data));
    const { status, stderr } = this.run('mount', ['-n', '--bind', volume.disk, volume.path]);
    if (status !== 0) throw new Error(`mount --bind: ${stderr}`);
    return volume;
  }

  /** The one line more than the package's: without CAP_SYS_RESOURCE, as in many a CI, root itself may not lower a process's score. */
  #restrictScores(): void {
    const file = this.pathOf('etc/containerd/config.toml');
    const section = '  [plugins."io.containerd.grpc.v1.cri"]\n';
    const text = readFileSync(file, 'utf8');
    if (!text.includes(section))
      throw new Error(`${file} is not the one of the package that this test knows`);
    writeFileSync(file, text.replace(section, `${section}    restrict_oom_score_adj = true\n`));
  }

  #entered(): readonly string[] {
    return [`--mount=/proc/${this.#namespace.pid}/ns/mnt`, '--'];
  }
}
