import { readdir, readFile } from 'node:fs/promises';

import type { DialectName } from '../dialects/dialect-name.js';
import { isErrno } from '../store/container-lock.js';

/** A process as /proc shows it. */
export interface SeenProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Which start of the machine this is: random(4). */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** All processes that this one can see, with their arguments; those that end meanwhile are left out. */
export async function seenProcesses(): Promise<readonly SeenProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const seen = await Promise.all(pids.map(async (pid) => ({ pid, args: await argsOf(pid) })));
  return seen.filter(({ args }) => args.length > 0);
}

async function argsOf(pid: number): Promise<readonly string[]> {
  try {
    const bytes = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return bytes.split('\0').slice(0, -1);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return [];
    throw error;
  }
}

/** Calls of a runtime that still create this container: they alone name its pid file. */
export function creatorsOf(pidFile: string, processes: readonly SeenProcess[]): readonly number[] {
  return processes
    .filter(({ args }) => args.some((arg) => arg === pidFile || arg.endsWith(`=${pidFile}`)))
    .map(({ pid }) => pid);
}

/**
 * Processes that runsc leaves beside a container's first one, and that end with it: the gofer of a bundle. Somebody has to collect them, and
 * that is this process when it is the subreaper; `runsc delete` waits until they are.
 */
export function gofersOf(bundle: string, processes: readonly SeenProcess[]): readonly number[] {
  return processes
    .filter(({ args }) => args[0] === 'runsc-gofer' && isOfBundle(args, bundle))
    .map(({ pid }) => pid);
}

/** The same as they are now. Of other runtimes than runsc there are none, and nothing is read. */
export async function goferPids(dialect: DialectName, bundle: string): Promise<readonly number[]> {
  return dialect === 'runsc' || dialect === 'unknown' ? gofersOf(bundle, await seenProcesses()) : [];
}

const isOfBundle = (args: readonly string[], bundle: string): boolean =>
  args.some((arg, at) => arg === `--bundle=${bundle}` || (arg === '--bundle' && args[at + 1] === bundle));
