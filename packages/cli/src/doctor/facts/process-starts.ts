import { isFailure, type System } from '../../system/system.js';
import { textOf } from '../../system/text.js';
import { readText } from './kernel-facts.js';

/** The unit of times in /proc/PID/stat, which is the same for user space on every architecture of ours (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Places of fields behind the name in /proc/PID/stat, counted from 0 (proc_pid_stat(5): starttime is the 22nd of all). */
const START_TIME = 19;

/** When the running processes of a name were started, in milliseconds since 1970, each to the hundredth of a second. */
export function processStarts(system: System, name: string): readonly number[] {
  const boot = Number(/^btime (\d+)$/m.exec(readText(system, '/proc/stat'))?.[1]);
  const names = system.readdir('/proc');
  if (isFailure(names) || Number.isNaN(boot)) return [];
  return names
    .map(textOf)
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      const stat = readText(system, `/proc/${pid}/stat`);
      // The name is in parentheses, and may have some of its own.
      const end = stat.lastIndexOf(')');
      if (stat.slice(stat.indexOf('(') + 1, end) !== name) return [];
      const ticks = Number(stat.slice(end + 2).split(' ')[START_TIME]);
      return Number.isNaN(ticks) ? [] : [boot * 1000 + (ticks * 1000) / TICKS_PER_SECOND];
    });
}
