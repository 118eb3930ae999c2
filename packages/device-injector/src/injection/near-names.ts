import { nearMiss } from '@opencontainers-ts/rootfs-rewriter';

/** Names longer than this are not compared: no device has one, and comparing takes time that grows with the length. */
const LONGEST = 128;
/** Nobody reads more. */
const MOST = 3;

/**
 * Names of devices that were probably meant: one with a similar spelling, and devices of the same name of another kind, or of
 * any kind if `wanted` has none. At most three.
 *
 * @example
 * ```ts
 * import { nearNames } from '@opencontainers-ts/device-injector';
 *
 * console.log(nearNames('0', ['nvidia.com/gpu=0', 'nvidia.com/gpu=1'])); // [ 'nvidia.com/gpu=0' ]
 * ```
 */
export function nearNames(wanted: string, known: readonly string[]): readonly string[] {
  if (wanted.length > LONGEST) return [];
  const slip = nearMiss(wanted, known);
  const namesakes = known.filter((name) => deviceOf(name) === deviceOf(wanted));
  return [...new Set([...(slip === undefined ? [] : [slip]), ...namesakes])].slice(0, MOST);
}

function deviceOf(name: string): string {
  return name.slice(name.indexOf('=') + 1);
}
