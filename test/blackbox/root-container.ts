import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { type EngineHost, runs } from './engine-host.js';
import { busyboxRoot, type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { program, wrapper } from './programs.js';
import type { Ended } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { waitUntil } from './wait-until.js';

export type Strategy = 'replace' | 'overlay' | 'seed';

/** The runtimes, and what comes before their verb so that they work on any machine. */
export const ROOT_RUNTIMES = [
  { name: 'runc', globals: [] },
  { name: 'crun', globals: [] },
  { name: 'runsc', globals: ['--network=none'] },
] as const;

export type RootRuntime = (typeof ROOT_RUNTIMES)[number];

/** What the container sees of the image: a busybox system with these files of its own. */
export function imageOf(files: Readonly<Record<string, string>> = {}): string {
  const image = busyboxRoot('image');
  for (const [path, text] of Object.entries(files)) writeFileSync(join(image, path), text);
  return image;
}

/** The folder in which a container's own files are: of an overlay the upper. */
export function topOf({ disk }: KubeletVolume, strategy: Strategy): string {
  return strategy === 'overlay' ? join(disk, 'upper') : disk;
}

/** A volume of this host, mounted where the kubelet would: without files of its own, unless a folder is given. */
export function volumeOf(
  host: EngineHost,
  disk = scratchFolder('volume'),
  options: { readonly name?: string; readonly readonly?: boolean } = {},
): KubeletVolume {
  const { name, readonly = false } = options;
  const volume = kubeletVolume({ mounted: false, disk, ...(name === undefined ? {} : { name }) });
  host.shell('mount --bind "$1" "$2"', disk, volume.path);
  if (readonly) host.shell('mount -o remount,bind,ro "$1"', volume.path);
  return volume;
}

/** What is started on a root. */
export interface RootContainer {
  readonly volume: KubeletVolume;
  /** Default: what the configuration says. */
  readonly strategy?: Strategy;
  /** Of /bin/sh. */
  readonly script?: string;
  /** Default: a busybox system. */
  readonly image?: string;
  readonly change?: (spec: Spec) => Spec;
}

/** The spec of a container with a root of this strategy. */
export function rootSpec({
  volume,
  strategy,
  script = 'true',
  image,
  change = (spec) => spec,
}: RootContainer): Spec {
  const spec = withPvcRoot(specOf(script, image === undefined ? {} : { root: { path: image } }), volume);
  const how = strategy === undefined ? {} : { [`${TRIGGER}-strategy`]: strategy };
  return change({ ...spec, annotations: { ...spec.annotations, ...how } });
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The program before the wrapper, with its arguments. */
  readonly under?: readonly string[];
}

/** The wrapper on a host, before one runtime; with a log of its own. */
export class RootCaller {
  readonly folder = scratchFolder('caller');
  readonly host: EngineHost;
  readonly #runtime: RootRuntime;

  constructor(host: EngineHost, runtime: RootRuntime) {
    this.host = host;
    this.#runtime = runtime;
  }

  get logFile(): string {
    return join(this.folder, 'wrapper.log');
  }

  /** Calls the wrapper. */
  call(args: readonly string[], { env = {}, under = [] }: CallOptions = {}): Ended {
    const [file, ...rest] = [...under, ...this.words(args)] as [string, ...string[]];
    return this.host.run(file, rest, {
      env: { ...this.#env(), ...env },
      leavesProcess: args[0] === 'create' || args.includes('--detach'),
    });
  }

  /** The words of a call, for a program that makes it. */
  words(args: readonly string[]): readonly string[] {
    return [wrapper, '--root', join(this.folder, 'state'), ...this.#runtime.globals, ...args];
  }

  /** Runs a program that calls the wrapper, in the environment of a call. */
  under([file, ...args]: readonly [string, ...string[]]): Ended {
    return this.host.run(file, args, { env: this.#env() });
  }

  #env(): Readonly<Record<string, string>> {
    const { name } = this.#runtime;
    return {
      PATH: `${dirname(program(name))}:${process.env['PATH']}`,
      SGS_RUNC_PATH: program(name),
      OCIWRAP_LOG_FILE: this.logFile,
      OCIWRAP_LOG_LEVEL: 'debug',
    };
  }

  /** Runs a container to its end, and removes what the runtime keeps of it. */
  run(id: string, container: RootContainer, options?: CallOptions): Ended {
    return this.call(['run', '--bundle', bundleOf(rootSpec(container)), id], options);
  }

  /** The same, with arguments before the verb. */
  runWith(globals: readonly string[], id: string, container: RootContainer): Ended {
    return this.call([...globals, 'run', '--bundle', bundleOf(rootSpec(container)), id]);
  }

  /** Creates and starts a container, and gives the process of it. */
  start(id: string, container: RootContainer): string {
    const pidFile = join(this.folder, `${id}.pid`);
    const created = this.call([
      'create',
      '--bundle',
      bundleOf(rootSpec(container)),
      '--pid-file',
      pidFile,
      id,
    ]);
    if (created.status !== 0) throw new Error(`create: ${this.said()}`);
    const started = this.call(['start', id]);
    if (started.status !== 0) throw new Error(`start: ${started.stderr}`);
    return this.host.shell('cat "$1"', pidFile).trim();
  }

  /** `kill -9` of the container's process, from outside; it has ended when this returns. */
  killProcess(pid: string): void {
    this.host.shell('kill -9 "$1"', pid);
    this.waitForEnd(pid);
  }

  waitForEnd(pid: string): void {
    waitUntil(`process ${pid} has ended`, () => !runs(this.host, pid));
  }

  said(): string {
    return this.host.shell('cat "$1"', this.logFile);
  }

  /** What the log says at the level of warnings. */
  warnings(): readonly string[] {
    return this.records().flatMap(({ level, msg }) => (level === 'warn' ? [String(msg)] : []));
  }

  /** What the log says. */
  records(): readonly Readonly<Record<string, unknown>>[] {
    return this.said()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}
