import { errorCode } from '@opencontainers-ts/runtime-spec';

/** The process groups that are to end with this process. */
const groups = new Set<number>();

function killAll(): void {
  for (const group of groups) killGroup(group);
}

/**
 * Kills a process group. Its leader has not been waited for, so that the number is still its own.
 *
 * @throws the error of kill(2), but for ESRCH: all of it has ended
 */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/**
 * Kills a process group when this process exits.
 *
 * @returns forgets it
 */
export function killAtExit(group: number): () => void {
  if (groups.size === 0) process.on('exit', killAll);
  groups.add(group);
  return () => {
    groups.delete(group);
    if (groups.size === 0) process.off('exit', killAll);
  };
}
