/** Of `/proc/PID/stat`, proc_pid_stat(5). */
export interface ProcessStat {
  /** `R`, `S`, `Z` and so on. */
  readonly state: string;
  /** Field 22: clock ticks since the machine was started. */
  readonly startTime: bigint;
  /** Field 52, in the form of waitpid(2): of a zombie, and 0 for whoever may not trace it. */
  readonly waitStatus: number;
}

/**
 * The values of a line. The second of them is the name of the program in parentheses, which may hold blanks and parentheses
 * itself; after the last one there are numbers alone.
 *
 * @returns undefined for what is no such line
 */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const fields = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  // The first of these is field 3.
  const [state = '', startTime = '', waitStatus = '0'] = [fields[0], fields[22 - 3], fields[52 - 3]];
  if (!line.includes(')') || state.length !== 1) return undefined;
  if (!/^\d{1,20}$/.test(startTime) || !/^\d{1,10}$/.test(waitStatus)) return undefined;
  return { state, startTime: BigInt(startTime), waitStatus: Number(waitStatus) };
}
