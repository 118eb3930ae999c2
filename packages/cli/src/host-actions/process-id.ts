import { readFileSync } from 'node:fs';

/** A process for as long as the machine runs: numbers are used again, not together with the time of the start. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5): clock ticks since the boot. It survives execve(2). */
  readonly startTime: string;
}

/** @returns undefined where there is no such process */
export function processId(pid: number): ProcessId | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  // The name in field 2 may hold anything, also parentheses and spaces.
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive({ pid, startTime }: ProcessId): boolean {
  return processId(pid)?.startTime === startTime;
}
