import { quoted } from '@opencontainers-ts/runtime-spec';
import { RuntimeClientError } from '../runtime-client-error.js';

/**
 * The CPU time of each container of a sandbox. The kernel counts for the cgroup of the sandbox as a whole, gVisor itself
 * included; the sandbox knows the part of each container, roughly. So the whole is split in the proportion of the parts
 * (populateStats in runsc/container/container.go).
 *
 * Where the sandbox has counted nothing yet, all get the same. Shares are rounded down: together they are less than the whole by
 * fewer nanoseconds than there are containers.
 *
 * @param counted - what the sandbox has counted for each running container, by its id: nanoseconds
 * @param whole - the usage of the cgroup in nanoseconds; undefined or 0 where there is none to be read, and then what the
 *   sandbox has counted is all that is known
 * @throws RuntimeClientError `ERR_RUNTIME_OPTION` for a time below 0
 * @example
 * ```ts
 * import { sandboxCpuUsage } from '@opencontainers-ts/runtime-client';
 *
 * const counted = new Map([['web', 1_000n], ['log', 3_000n]]);
 * console.log(sandboxCpuUsage(counted, 8_000n)); // Map(2) { 'web' => 2000n, 'log' => 6000n }
 * console.log(sandboxCpuUsage(counted).get('log')); // 3000n
 * ```
 */
export function sandboxCpuUsage(
  counted: ReadonlyMap<string, bigint>,
  whole = 0n,
): ReadonlyMap<string, bigint> {
  if (whole < 0n) throw negative('the cgroup', whole);
  let sum = 0n;
  for (const [id, time] of counted) {
    if (time < 0n) throw negative(quoted(id), time);
    sum += time;
  }
  if (whole === 0n) return new Map(counted);
  const count = BigInt(counted.size);
  return new Map([...counted].map(([id, time]) => [id, sum === 0n ? whole / count : (time * whole) / sum]));
}

function negative(what: string, time: bigint): RuntimeClientError {
  const message = `the CPU time of ${what} is ${time} ns, less than none`;
  return new RuntimeClientError('ERR_RUNTIME_OPTION', message, { details: { time: String(time) } });
}
