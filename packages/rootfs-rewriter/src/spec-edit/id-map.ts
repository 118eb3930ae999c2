import { quoted } from '@opencontainers-ts/runtime-spec';
import { refuse } from '../planning/refuse.js';

/** A range of ids as `/proc/PID/uid_map` has it (user_namespaces(7)): all three are below 2^32. */
export interface IdRange {
  /** The first id in the user namespace of the process. */
  readonly inside: number;
  /** What that id is in the user namespace of who reads the file. */
  readonly outside: number;
  /** How many follow each other, at least 1. */
  readonly size: number;
}

const BEYOND = 2 ** 32;

/**
 * Reads the text of `/proc/PID/uid_map` or `gid_map`. A text without a range is refused: the ids of that process are not mapped
 * (yet), and nobody could be mapped to them. It throws a refusal with `ERR_ID_MAP`, which {@link orRefusal} returns.
 *
 * @example
 * ```ts
 * import { readIdMap } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * console.log(readIdMap('         0     100000      65536\n')); // [ { inside: 0, outside: 100000, size: 65536 } ]
 * ```
 */
export function readIdMap(text: string): readonly IdRange[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw refuse('ERR_ID_MAP', 'the map of ids has no range');
  return lines.map((line) => {
    const numbers = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*$/.exec(line)?.slice(1).map(Number);
    const [inside = 0, outside = 0, size = 0] = numbers ?? [];
    if (numbers === undefined || size === 0 || Math.max(inside, outside, size) >= BEYOND) {
      const message = `the line ${quoted(line)} of a map of ids is not three numbers below 2^32, the last at least 1`;
      throw refuse('ERR_ID_MAP', message, { line });
    }
    return { inside, outside, size };
  });
}
