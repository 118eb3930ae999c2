import type { CommandName } from '../dialects/command-name.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';

/** Descriptors from 3 on that the container's process gets besides the standard streams. */
export interface Preserved {
  /** How many. */
  readonly preserveFds?: number;
  /** Each, as `OURS:THEIRS`. */
  readonly passedFds?: readonly string[];
}

/** The first descriptor behind the standard streams. */
const FIRST = 3;

/** runsc names each, for `run` and `exec`; the others take their number. */
export function preservedOptions(
  { dialect }: RuntimeVersion,
  command: CommandName,
  descriptors: number,
): Preserved {
  if (descriptors === 0) return {};
  if (dialect !== 'runsc' || command === 'create') return { preserveFds: descriptors };
  return { passedFds: Array.from({ length: descriptors }, (_, at) => `${FIRST + at}:${FIRST + at}`) };
}
