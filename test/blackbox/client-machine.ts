import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { ContainerStore, RuntimeClient } from '@opencontainers-ts/runtime-client';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { setChildSubreaper } from '../../packages/exec-native/src/index.js';
import { bundleOf, specOf } from './bundle.js';
import { hasCriu, WITHOUT_BREAKPOINTS } from './criu.js';
import { program } from './programs.js';
import { atEnd, removeCgroupAtEnd, scratchFolder } from './scratch.js';

/** The runtimes that containers of these tests are created with. */
export const RUNTIMES = ['runc', 'crun', 'runsc'] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** A runtime with a folder of its own, and a store. */
export interface ClientMachine {
  readonly client: RuntimeClient;
  readonly store: ContainerStore;
  /** What a client in another process is made of. */
  readonly options: {
    readonly runtime: string;
    readonly root: string;
    readonly globalArgs: readonly string[];
    readonly env: NodeJS.ProcessEnv;
  };
  /** A bundle whose container runs this script, with what else is changed of its config.json. */
  bundle(script: string, change?: (spec: Spec) => Spec): string;
  /** What of its containers is there: processes, mounts, control groups, records, and what the runtime keeps. */
  left(): readonly string[];
}

export function clientMachine(runtime: Runtime): ClientMachine {
  // All suites share this process: what theirs leave behind would come to it, and nobody would collect it.
  atEnd(() => setChildSubreaper(false));
  const root = scratchFolder('runtime-root');
  removeCgroupAtEnd(basename(root));
  const options = {
    runtime: startable(runtime),
    root,
    globalArgs: GLOBAL_ARGS[runtime],
    env: { ...process.env, ...WITHOUT_BREAKPOINTS },
  };
  const store = new ContainerStore({ root: join(scratchFolder('store'), 'containers') });
  const bundles: string[] = [];
  // One root of all of them: it is read only.
  const first = specOf('');
  const image = (first.root as NonNullable<Spec['root']>).path;
  return {
    client: new RuntimeClient(options),
    store,
    options,
    bundle: (script, change = (spec) => spec) => {
      const spec: Spec = {
        ...first,
        process: { ...(first.process as NonNullable<Spec['process']>), args: ['/bin/sh', '-c', script] },
        root: { path: image, readonly: true },
        linux: { ...first.linux, cgroupsPath: `/${basename(root)}/${bundles.length}` },
      };
      const bundle = bundleOf(change(spec));
      bundles.push(bundle);
      return bundle;
    },
    left: () => [
      ...processesNaming([...bundles, root]),
      ...readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(image)),
      ...cgroupsNamed(basename(root)),
      ...namesIn(root).map((name) => `${runtime} keeps ${name}`),
      ...namesIn(store.root).flatMap((name) =>
        name.startsWith('@') ? namesIn(join(store.root, name)) : [`record ${name}`],
      ),
    ],
  };
}

/** CRIU would lock the network by iptables. */
export const inHostNetwork = (spec: Spec): Spec => ({
  ...spec,
  linux: {
    ...spec.linux,
    namespaces: spec.linux?.namespaces?.filter(({ type }) => type !== 'network') ?? [],
  },
});

/** Whether a runtime has what it saves containers with: crun lacks libcriu in Debian. */
export const canCheckpoint = (runtime: Runtime): boolean =>
  runtime === 'runsc' || (runtime === 'runc' && hasCriu);

const GLOBAL_ARGS: Readonly<Record<Runtime, readonly string[]>> = {
  runc: [],
  crun: [],
  runsc: ['--network=none', '--ignore-cgroups'],
};

/** crun refuses to start where a cgroup2 mount stands beside cgroup v1. */
function startable(runtime: Runtime): string {
  if (runtime !== 'crun') return program(runtime);
  const path = join(scratchFolder('crun'), 'crun');
  const inside = `umount /sys/fs/cgroup/unified 2>/dev/null; exec ${program('crun')} "$@"`;
  const script = `#!/bin/sh\nexec unshare --mount --propagation slave sh -c '${inside}' sh "$@"\n`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

/** The descriptors of this process, by what they lead to. */
export function ownDescriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the folder that was read itself
    }
  });
}

/** What this process has open since then. What others of its suites had is closed at any time. */
export function descriptorsSince(before: readonly string[]): readonly string[] {
  const gone = [...before];
  return ownDescriptors().filter((one) => {
    const at = gone.indexOf(one);
    if (at !== -1) gone.splice(at, 1);
    return at === -1;
  });
}

/** Processes whose command line has one of these words in it. */
export function processesNaming(words: readonly string[]): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.some((word) => line.includes(word)) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

/** Control groups below a folder of this name; that itself may stay, a runtime makes it and does not remove it. */
function cgroupsNamed(name: string): readonly string[] {
  return ['', ...namesIn('/sys/fs/cgroup')].flatMap((hierarchy) => {
    const folder = join('/sys/fs/cgroup', hierarchy, name);
    return foldersIn(folder).map((each) => join(folder, each));
  });
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
