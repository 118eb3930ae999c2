import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { program } from '../programs.js';
import { type Ended, runProgram } from '../run-program.js';
import { atEnd, scratchFolder } from '../scratch.js';
import type { Distribution } from './distributions.js';

/** The container of a DaemonSet, as far as it decides what its program may do. */
export interface PodContainer {
  readonly args: readonly string[];
  readonly securityContext: { readonly capabilities: { readonly add: readonly string[] } };
}

/** What systemctl is asked for is written down; it runs every unit. */
const SYSTEMCTL = `#!/usr/bin/busybox sh
echo "$@" >> /var/log/systemctl.log
`;

/** As the kubelet and its engine put a container together: nothing but its image, read-only, the node at /host, and the ConfigMap. */
const AS_CONTAINER = `
  image=$1 node=$2 config=$3 capabilities=$4
  shift 4
  mount -n --bind "$image" "$image"
  mount -n -t proc proc "$node/proc"
  mount -n --rbind /dev "$node/dev"
  mount -n --rbind "$node" "$image/host"
  mount -n --bind -o ro "$config" "$image/config"
  mount -n -t proc proc "$image/proc"
  mount -n -o remount,bind,ro "$image"
  exec "$@"`;

/** The root folder of a node: what its distribution leaves there, a systemctl, and nothing else that runs. */
export class FakeNode {
  readonly root = scratchFolder('fake-node');
  readonly #config = scratchFolder('config-map');
  readonly #distribution: Distribution;

  constructor(distribution: Distribution, configuration: string) {
    this.#distribution = distribution;
    chmodSync(this.root, 0o755);
    for (const folder of ['dev', 'etc', 'opt', 'proc', 'run', 'usr/bin', 'var/lib', 'var/log', 'tmp']) {
      mkdirSync(join(this.root, folder), { recursive: true, mode: 0o755 });
    }
    copyFileSync(program('busybox'), this.pathOf('/usr/bin/busybox'));
    this.write('/usr/bin/systemctl', SYSTEMCTL, 0o755);
    this.putStockFiles();
    writeFileSync(join(this.#config, 'config.toml'), configuration, { mode: 0o644 });
  }

  /** What the packages of the distribution do, also when they are upgraded. */
  putStockFiles(): void {
    for (const [path, { text, mode = 0o644, gid = 0 }] of Object.entries(this.#distribution.files)) {
      this.write(path, text, mode);
      chownSync(this.pathOf(path), 0, gid);
    }
  }

  pathOf(path: string): string {
    return join(this.root, path);
  }

  read(path: string): string {
    return readFileSync(this.pathOf(path), 'utf8');
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.pathOf(path)), { recursive: true, mode: 0o755 });
    writeFileSync(this.pathOf(path), text);
    chmodSync(this.pathOf(path), mode);
  }

  /** What systemctl was asked for that is more than a question. */
  restarts(): readonly string[] {
    const log = '/var/log/systemctl.log';
    if (!existsSync(this.pathOf(log))) return [];
    return this.read(log)
      .split('\n')
      .filter((line) => /^(restart|reload)/.test(line));
  }

  /** Runs the program of an image to its end, in the container. */
  run(image: string, container: PodContainer, args: readonly string[], under: readonly string[] = []): Ended {
    const [file = '', ...rest] = this.#command(image, container, args, under);
    return runProgram(file, rest);
  }

  /** Starts it. */
  start(image: string, container: PodContainer, args: readonly string[]): RunningContainer {
    const [file = '', ...rest] = this.#command(image, container, args, []);
    const process = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    atEnd(() => process.kill('SIGKILL'));
    return new RunningContainer(process);
  }

  #command(
    image: string,
    { securityContext }: PodContainer,
    args: readonly string[],
    under: readonly string[],
  ): readonly string[] {
    for (const folder of ['host', 'config', 'proc']) mkdirSync(join(image, folder), { recursive: true });
    const capabilities = [
      '-all',
      ...securityContext.capabilities.add.map((name) => `+${name.toLowerCase()}`),
    ];
    return [
      ...['unshare', '--mount', '--propagation', 'private', 'sh', '-euc', AS_CONTAINER, 'sh'],
      ...[image, this.root, this.#config, capabilities.join(',')],
      ...under,
      ...['setpriv', `--bounding-set=${capabilities.join(',')}`, '--inh-caps=-all', '--no-new-privs'],
      ...[program('busybox'), 'chroot', image, '/ociwrap', ...args],
    ];
  }
}

/** A container until it is told to end. */
export class RunningContainer {
  readonly #process: ChildProcess;
  #output = '';

  constructor(process: ChildProcess) {
    this.#process = process;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (bytes) => (this.#output += bytes));
    }
  }

  get output(): string {
    return this.#output;
  }

  /** As the kubelet ends it. */
  async end(): Promise<number | null> {
    const ended = once(this.#process, 'close');
    this.#process.kill('SIGTERM');
    const [status] = await ended;
    return status as number | null;
  }
}

/** Everything below a folder: what it is, whose, and what is in it. Times do not count, nor does what only tells of calls. */
export function treeOf(folder: string, path = ''): readonly string[] {
  return readdirSync(join(folder, path))
    .sort()
    .flatMap((name) => {
      const place = `${path}/${name}`;
      const full = join(folder, place);
      const { mode, uid, gid } = lstatSync(full);
      const line = `${place} ${mode.toString(8)} ${uid}:${gid}`;
      if (lstatSync(full).isSymbolicLink()) return [`${line} -> ${readlinkSync(full)}`];
      if (lstatSync(full).isDirectory()) return [line, ...treeOf(folder, place)];
      return place === '/var/log/systemctl.log' ? [] : [`${line} ${readFileSync(full, 'latin1')}`];
    });
}

/** The same program in another file, which is another version. */
export function nextImage(image: string): string {
  const next = scratchFolder('next-image');
  copyFileSync(join(image, 'ociwrap'), join(next, 'ociwrap'));
  appendFileSync(join(next, 'ociwrap'), '\n');
  chmodSync(join(next, 'ociwrap'), 0o755);
  return next;
}
