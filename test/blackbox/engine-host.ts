import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { program } from './programs.js';
import { type Ended, type RunOptions, runProgram } from './run-program.js';
import { atEnd, scratchFolder } from './scratch.js';
import { waitUntil } from './wait-until.js';

/** What an engine has around it on a node: a mount and a process namespace, of which it sees all. */
export interface EngineHost {
  run(file: string, args: readonly string[], options?: RunOptions): Ended;
  /** Runs a script of the shell; a failure is the test's. */
  shell(script: string, ...args: readonly string[]): string;
  /** The lines of its mountinfo. */
  mounts(): readonly string[];
  /** Everything that a start could leave: mounts, processes by their names, and what lies in `/run`. */
  state(): HostState;
}

export interface HostState {
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly run: readonly string[];
}

export interface HostOptions {
  /** What systemd makes of every mount, or what a namespace of one's own may have. */
  readonly propagation?: 'shared' | 'private';
  /** Whether `/run` is a mount of its own, as systemd has it, or a folder of the root file system. */
  readonly run?: 'mount' | 'folder';
}

/** Whatever of this machine would keep a runtime from starting: crun does not where cgroup2 stands beside cgroup v1. */
const FIT_FOR_RUNTIMES = 'umount /sys/fs/cgroup/unified 2>/dev/null || :';

const RUN_AS_MOUNT = 'mount -t tmpfs -o mode=755 host-run /run';

/** `/` becomes an overlay of itself, which can be written, and `/run` a folder of it. */
const RUN_AS_FOLDER = `
mount -t tmpfs host-root "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" host-root "$1/root"
for folder in proc sys dev etc tmp var/lib "\${2#/}"; do mount --rbind "/$folder" "$1/root/$folder"; done
cd "$1/root"
pivot_root . .
umount -l .
cd /
mkdir -p /run/lock`;

/** Ends with the tests of the file. The namespaces are new ones: tests of other files neither see nor change what is in it. */
export function engineHost({ propagation = 'shared', run = 'mount' }: HostOptions = {}): EngineHost {
  const folder = scratchFolder('host');
  const output = join(folder, 'output');
  const script = [
    'set -eu',
    FIT_FOR_RUNTIMES,
    run === 'mount' ? RUN_AS_MOUNT : RUN_AS_FOLDER,
    `mount --make-r${propagation} /`,
    'echo ready',
    // The first process waits for those whose parents have ended, as a shim would: runsc takes none for gone that nobody has waited for.
    'sleep infinity & wait',
  ].join('\n');
  const namespaces = [
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const file = openSync(output, 'w');
  const root = scratchFolder('host-root');
  const holder = spawn('unshare', [...namespaces, 'sh', '-c', script, 'sh', root, process.cwd()], {
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  atEnd(() => holder.kill('SIGKILL'));
  waitUntil('the host is ready', () => readFileSync(output, 'utf8') !== '');
  expectReady(readFileSync(output, 'utf8'));
  const entered = [
    `--mount=/proc/${holder.pid}/ns/mnt`,
    `--pid=/proc/${holder.pid}/ns/pid_for_children`,
    '--',
  ];
  const start = (file: string, args: readonly string[], options?: RunOptions) =>
    runProgram(program('nsenter'), [...entered, file, ...args], options);
  const shell = (text: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = start('/bin/sh', ['-euc', text, 'sh', ...args]);
    if (status !== 0) throw new Error(`${text}: ${stderr}`);
    return stdout;
  };
  const lines = (text: string) => shell(text).trim().split('\n');
  const mounts = () => lines('cat /proc/self/mountinfo');
  return {
    run: start,
    shell,
    mounts,
    state: () => ({
      mounts: mounts(),
      processes: lines(PROCESSES),
      run: lines('find /run -mindepth 1 | sort'),
    }),
  };
}

function expectReady(output: string): void {
  if (output !== 'ready\n') throw new Error(`the host is not ready: ${output}`);
}

/** The names of the processes that run. */
const PROCESSES = `
for process in /proc/[0-9]*; do
  [ "\${process#/proc/}" != $$ ] || continue
  { read -r pid name state rest <$process/stat; } 2>/dev/null || continue
  [ "$state" = Z ] || echo "$name"
done`;

/** Whether a process of this host runs. */
export function runs(host: EngineHost, pid: string): boolean {
  return (
    host.run('/bin/sh', ['-c', 'read -r _ _ state _ </proc/$1/stat && [ "$state" != Z ]', 'sh', pid])
      .status === 0
  );
}

/** A file that appears when a container has written it. */
export function waitForFile(path: string): void {
  waitUntil(`${path} is there`, () => existsSync(path));
}
