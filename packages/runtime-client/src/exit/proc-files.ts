import { readFileSync, readlinkSync } from 'node:fs';

import type { ProcessExit } from '@opencontainers-ts/exec-native';

import { exitOfWaitStatus } from './exit-status.js';
import { type ProcessStat, parseProcessStat } from './process-stat.js';

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** What `/proc` says of a process; undefined where it has none of this pid. ESRCH: it ended between open(2) and read(2). */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}

/**
 * How a zombie of another parent ended: known from `/proc` before that parent collects it, to whoever may trace it.
 * To all others the kernel says 0 there, which is then told from a real 0.
 *
 * @returns undefined where it cannot be known, or the process is gone
 */
export function exitOfZombie(pid: number, startTime: bigint): ProcessExit | undefined {
  // In this order: a process that is still there afterwards was there before.
  const traceable = mayTrace(pid);
  const stat = readProcessStat(pid);
  if (stat?.startTime !== startTime || stat.state !== 'Z') return undefined;
  return traceable || stat.waitStatus !== 0 ? exitOfWaitStatus(stat.waitStatus) : undefined;
}

// The link is guarded as the status is, by PTRACE_MODE_READ_FSCREDS, and a zombie has no folder: ENOENT.
function mayTrace(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/cwd`);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}
