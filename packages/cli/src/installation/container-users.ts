import { CliError } from '../cli-error.js';
import { basename, dirname } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** A container, or a call, and the runtime that its engine will call for it. */
export interface RuntimeUser {
  readonly by: 'containerd' | 'conmon' | 'call';
  /** Of the container, as far as its engine says; of a call the number of its process. */
  readonly id: string;
  /** As the engine has it: a path, or a name that is looked up on PATH. */
  readonly runtime: string;
}

/** Where containerd keeps the tasks of a state folder: a folder for each namespace, in it one for each container (containerd 1.4 to 2). */
const TASKS = 'io.containerd.runtime.v2.task';

/** The state folders of containerd, and of what brings one along. Others are found by the shims. */
const STATE_FOLDERS = [
  '/run/containerd',
  '/run/docker/containerd/daemon',
  '/run/k3s/containerd',
  '/run/k0s/containerd',
  '/var/snap/microk8s/common/run/containerd',
];

/**
 * The containers of this machine, with their runtimes: those of containerd, and so of Docker, by its files; those of CRI-O and
 * podman by the processes that watch them; and calls that are going on, as BuildKit's last as long as their containers.
 *
 * @throws CliError `ERR_CONTAINERS_UNKNOWN` where the processes of the machine cannot be seen
 */
export function runtimeUsers(system: System): readonly RuntimeUser[] {
  const processes = processesOf(system);
  const shims = processes.filter(({ argv }) => basename(argv[0] ?? '').startsWith('containerd-shim'));
  const folders = new Set([
    ...STATE_FOLDERS.map((state) => `${state}/${TASKS}`),
    ...shims.flatMap(({ pid }) => taskFolderOf(system, pid)),
  ]);
  return [
    ...[...folders].flatMap((folder) => containerdTasks(system, folder)),
    ...processes.flatMap(({ pid, argv }) => watchedBy(argv) ?? callOf(pid, argv)),
  ];
}

interface Process {
  readonly pid: string;
  readonly argv: readonly string[];
}

function processesOf(system: System): readonly Process[] {
  const names = system.readdir('/proc');
  const pids = isFailure(names) ? [] : names.map(textOf).filter((name) => /^\d+$/.test(name));
  // Where it is mounted this process is there itself, whatever else is hidden.
  if (pids.length === 0) {
    throw new CliError('ERR_CONTAINERS_UNKNOWN', 'no process of this machine can be seen in /proc');
  }
  const own = String(system.getpid());
  return pids.flatMap((pid) => {
    const bytes = pid === own ? new Uint8Array(0) : readFile(system, `/proc/${pid}/cmdline`);
    // It has ended meanwhile; of the kernel's own there is no command line.
    if (isFailure(bytes) || bytes.length === 0) return [];
    return [{ pid, argv: textOf(bytes).split('\0').slice(0, -1) }];
  });
}

/** A shim works in the bundle of its first container, beside those of the others. */
function taskFolderOf(system: System, pid: string): readonly string[] {
  const cwd = system.readlink(`/proc/${pid}/cwd`);
  if (isFailure(cwd)) return [];
  const folder = dirname(dirname(textOf(cwd)));
  return basename(folder) === TASKS ? [folder] : [];
}

/** The shim writes the file `runtime` before it calls that for the first time; it is empty for `runc` (containerd 1.4 to 2). */
function containerdTasks(system: System, folder: string): readonly RuntimeUser[] {
  return namesIn(system, folder).flatMap((namespace) =>
    namesIn(system, `${folder}/${namespace}`).flatMap((id): RuntimeUser[] => {
      const runtime = readFile(system, `${folder}/${namespace}/${id}/runtime`);
      // Of another kind than runc's, or just coming or going.
      if (isFailure(runtime)) return [];
      return [{ by: 'containerd', id: `${namespace}/${id}`, runtime: textOf(runtime).trim() || 'runc' }];
    }),
  );
}

function namesIn(system: System, folder: string): readonly string[] {
  const names = system.readdir(folder);
  if (isFailure(names)) {
    if (names.errno === 'ENOENT' || names.errno === 'ENOTDIR') return [];
    answerOf(names, folder);
    return [];
  }
  return names.map(textOf);
}

/** conmon(8) and conmon-rs are given the runtime that they call. */
function watchedBy(argv: readonly string[]): RuntimeUser | undefined {
  const [name = ''] = argv;
  if (!/^conmon(rs)?$/.test(basename(name))) return undefined;
  const runtime = optionOf(argv, ['-r', '--runtime']);
  if (runtime === undefined) return undefined;
  const id = optionOf(argv, ['-c', '--cid']) ?? optionOf(argv, ['-n', '--name']) ?? 'unknown';
  return { by: 'conmon', id, runtime };
}

function optionOf(argv: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of argv.entries()) {
    if (names.includes(word)) return argv[index + 1];
    const name = names.find((each) => word.startsWith(`${each}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return undefined;
}

/** The wrapper becomes the runtime with the arguments that it was given, the name among them. */
function callOf(pid: string, [runtime = '']: readonly string[]): RuntimeUser {
  return { by: 'call', id: pid, runtime };
}
