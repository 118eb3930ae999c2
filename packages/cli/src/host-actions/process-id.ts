import { readFile } from '../system/read-file.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { wordOf } from '../system/text.js';

/** A process for as long as the machine runs: numbers are used again, not together with the time of the start. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5): clock ticks since the boot. It survives execve(2). */
  readonly startTime: string;
}

/** @returns undefined where there is no such process */
export function processId(system: System, pid: number): ProcessId | undefined {
  const path = `/proc/${pid}/stat`;
  const bytes = readFile(system, path);
  if (isFailure(bytes) && (bytes.errno === 'ENOENT' || bytes.errno === 'ESRCH')) return undefined;
  const stat = wordOf(answerOf(bytes, path));
  // The name in field 2 may hold anything, also parentheses and spaces.
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive(system: System, { pid, startTime }: ProcessId): boolean {
  return processId(system, pid)?.startTime === startTime;
}
