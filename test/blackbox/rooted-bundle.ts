import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { bundleOf } from './bundle.js';
import { busyboxRoot, type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { wrapper } from './programs.js';
import { rootSpec, type Strategy } from './root-container.js';
import { scratchFolder } from './scratch.js';

/** Where the program mounts a root, in a namespace of the call (docs/adr/0003-roots-in-a-namespace-of-the-call.md). */
export const ROOT_FOLDER = '/run/ociwrap/root';

/** `seed` is a filled volume, which starts as `replace` does; that it is filled whole is another matter. */
export type Mounted = Exclude<Strategy, 'seed'>;

/** The image's root is as none is that is made without a look at it, whatever the umask. */
export const IMAGE_ROOT = { mode: 0o757, uid: 7, gid: 8 };

/** The file that says what a root is made of, and what it says. */
export const ORIGIN = 'etc/origin';

/** A container that is to have a volume as its root. */
export interface RootedBundle {
  readonly bundle: string;
  readonly volume: KubeletVolume;
  /** config.json as the engine writes it. */
  readonly text: string;
  /** Puts config.json and the volume into the state before the first start. */
  anew(): void;
  /** Writes config.json as an engine does for another container. */
  writeConfig(): void;
  /** Another bundle with the same config.json. */
  another(): string;
}

/** An image with {@link ORIGIN}, and a root as {@link IMAGE_ROOT} says. */
export function imageWithOrigin(): string {
  const image = busyboxRoot('image');
  writeFileSync(join(image, ORIGIN), 'image\n');
  chmodSync(image, IMAGE_ROOT.mode);
  chownSync(image, IMAGE_ROOT.uid, IMAGE_ROOT.gid);
  return image;
}

export function rootedBundle(strategy: Mounted, script = '', image = imageWithOrigin()): RootedBundle {
  const volume = kubeletVolume(strategy === 'overlay' ? { disk: scratchFolder('volume') } : {});
  if (strategy === 'replace') writeFileSync(join(volume.disk, ORIGIN), 'volume\n');
  const text = JSON.stringify(rootSpec({ volume, strategy, script, image }));
  const bundle = bundleOf(text);
  const writeConfig = () => writeFileSync(join(bundle, 'config.json'), text);
  const anew = () => {
    writeConfig();
    if (strategy === 'replace') return;
    for (const name of readdirSync(volume.disk))
      rmSync(join(volume.disk, name), { recursive: true, force: true });
  };
  return { bundle, volume, text, anew, writeConfig, another: () => bundleOf(text) };
}

/** What a runtime finds as it begins. */
export interface Found {
  /** `root.path` of config.json. */
  readonly root: string;
  /** What {@link ORIGIN} says on it. */
  readonly origin: string;
  /** Its mode, owner, device and inode. */
  readonly mode: string;
  readonly owner: string;
  readonly inode: string;
  readonly umask: string;
  /** Open descriptors, and where they lead. */
  readonly descriptors: string;
}

/** A runtime that writes down what it finds, and ends. */
export interface FindingRuntime {
  readonly path: string;
  /** What it found at its last start; that is forgotten then. */
  found(): Found | undefined;
}

export function findingRuntime(bundle: string): FindingRuntime {
  const folder = scratchFolder('finding');
  const [path, out] = [join(folder, 'runc'), join(folder, 'found')];
  // The shell has descriptors of its own above 9.
  const script = `#!/bin/sh
root=$(sed -E 's/.*"root":\\{"path":"([^"]*)".*/\\1/' ${bundle}/config.json)
{ echo "$root"; cat "$root/${ORIGIN}"; stat -c '%a
%u:%g
%d:%i' "$root"; umask
for fd in 0 1 2 3 4 5 6 7 8 9; do readlink /proc/$$/fd/$fd | sed -E "s/:\\[[0-9]+\\]//;s/^/$fd=/"; done | tr '\\n' ' '; echo; } >${out}
`;
  writeFileSync(path, script, { mode: 0o755 });
  const found = (): Found | undefined => {
    let text: string;
    try {
      text = readFileSync(out, 'utf8');
    } catch {
      return undefined;
    }
    rmSync(out);
    const [root = '', origin = '', mode = '', owner = '', inode = '', umask = '', descriptors = ''] =
      text.split('\n');
    return { root, origin, mode, owner, inode, umask, descriptors };
  };
  return { path, found };
}

/** What of a start is still there when it is over: mounts on the host, processes. */
export function leftOf({ bundle, volume }: RootedBundle): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  // The path of a mount's root begins where its file system does.
  const ours = mounts.filter((line) => line.includes(ROOT_FOLDER) || line.includes(basename(volume.disk)));
  const expected = ours.filter((line) => line.includes(` ${volume.path} `));
  return [
    ...ours.filter((line) => !expected.includes(line)),
    ...(expected.length === 1 ? [] : [`${expected.length} mounts of the volume`]),
    ...namesIn(ROOT_FOLDER).map((name) => `${ROOT_FOLDER}/${name}`),
    ...processesOf(bundle),
  ];
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Command lines that name the bundle. */
function processesOf(bundle: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(bundle) ? [words] : [];
      } catch {
        return [];
      }
    });
}

/** crun refuses to start where a cgroup2 mount stands beside cgroup v1. */
const WITHOUT_UNIFIED = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"';

/** A call of the wrapper for which any runtime starts on any machine. */
export const startable = (...call: readonly string[]): [file: string, args: readonly string[]] => [
  'unshare',
  ['--mount', '--propagation', 'slave', 'sh', '-c', WITHOUT_UNIFIED, 'sh', wrapper, ...call],
];
